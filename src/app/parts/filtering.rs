//! The filter of a screen: the last good one stays in force while another is typed.

use super::Scene;
use crate::app::screens::ScreenState;
use crate::filter::{Filter, FilterError};
use std::sync::Arc;

/// The filter in force.
#[derive(Clone, Debug, Default)]
pub struct Filtering {
    /// Its text; empty where everything is shown.
    pub text: String,
    filter: Option<Arc<Filter>>,
}

impl Filtering {
    /// The compiled filter; `None` where everything is shown.
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
/// Where the expression is not valid; the filter before stays in force.
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

/// Goes back to a filter that was in force before.
pub(in crate::app) fn restore_filter(screen: &mut dyn ScreenState, filter: Filtering, scene: &Scene<'_>) {
    if filter.text != screen.parts().filter.text {
        screen.parts_mut().filter = filter;
        screen.filtered(scene);
    }
}
