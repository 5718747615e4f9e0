//! The filter of a screen. While the user types another, the last valid one stays in force.

use super::Scene;
use crate::app::screens::ScreenState;
use crate::filter::{Filter, FilterError};
use std::sync::Arc;

/// The filter in force.
#[derive(Clone, Debug, Default)]
pub struct Filtering {
    /// Its text; empty if it shows everything.
    pub text: String,
    filter: Option<Arc<Filter>>,
}

impl Filtering {
    /// The compiled filter; `None` if it shows everything.
    pub fn in_force(&self) -> Option<&Arc<Filter>> {
        self.filter.as_ref()
    }

    fn parse(text: &str) -> Result<Filtering, FilterError> {
        let filter = if text.is_empty() { None } else { Some(Arc::new(Filter::parse(text)?)) };
        Ok(Filtering { text: text.to_owned(), filter })
    }
}

/// Puts an expression in force on a screen.
///
/// # Errors
/// If the expression is not valid. The earlier filter stays in force.
pub(in crate::app) fn set_filter(
    screen: &mut dyn ScreenState,
    text: &str,
    scene: &Scene<'_>,
) -> Result<(), FilterError> {
    let text = text.trim();
    if text != screen.parts().filter.text {
        screen.parts_mut().filter = Filtering::parse(text)?;
        screen.filtered(scene);
    }
    Ok(())
}

/// Restores an earlier filter.
pub(in crate::app) fn restore_filter(screen: &mut dyn ScreenState, filter: Filtering, scene: &Scene<'_>) {
    if filter.text != screen.parts().filter.text {
        screen.parts_mut().filter = filter;
        screen.filtered(scene);
    }
}
