//! What the shared keys and the mouse do on a screen, depending on the focused pane.

use super::{List, Outcome, Request, Scene, set_filter};
use crate::app::layout::Pane;
use crate::app::screens::{ScreenState, Toward};
use crate::app::typing::Typing;
use crate::app::{Action, Effect, Pointer, Target};
use crate::present::number;

/// Runs an action: the screen's own meaning, else the shared one.
pub(in crate::app) fn act(screen: &mut dyn ScreenState, action: Action, scene: &Scene<'_>, outcome: &mut Outcome) {
    if screen.act(action, scene, outcome) {
        return;
    }
    let focus = screen.parts().panes.focus;
    match focus {
        Pane::List if act_in_list(screen.list(), action, scene) => {}
        Pane::Detail if screen.parts_mut().detail.act(action, scene) => {}
        _ => act_anywhere(screen, focus, action, scene, outcome),
    }
}

fn act_in_list(list: &mut dyn List, action: Action, scene: &Scene<'_>) -> bool {
    let page = isize::try_from(scene.layout.list.height).unwrap_or(1).max(1);
    let half = (page / 2).max(1);
    match action {
        Action::Up => list.step(-1, scene),
        Action::Down => list.step(1, scene),
        Action::PageUp => list.page(-page, scene),
        Action::PageDown => list.page(page, scene),
        Action::HalfPageUp => list.page(-half, scene),
        Action::HalfPageDown => list.page(half, scene),
        Action::Oldest => list.edge(false, scene),
        Action::Follow => list.edge(true, scene),
        _ => return false,
    }
    true
}

fn act_anywhere(screen: &mut dyn ScreenState, focus: Pane, action: Action, scene: &Scene<'_>, outcome: &mut Outcome) {
    match action {
        Action::Open | Action::Right if focus == Pane::List => open(screen, scene),
        Action::NextPane => next_pane(screen, true, scene),
        Action::PreviousPane => next_pane(screen, false, scene),
        Action::Zoom => {
            let panes = &mut screen.parts_mut().panes;
            panes.zoom = !panes.zoom;
        }
        Action::Wrap => wrap(screen, outcome),
        Action::EditFilter | Action::ClearFilter | Action::Include | Action::Exclude if !screen.has_filter() => {
            outcome.say("this screen has no filter");
        }
        Action::EditFilter => outcome.requests.push(Request::Type(Box::new(Typing::filter(&screen.parts().filter)))),
        Action::ClearFilter => _ = set_filter(screen, "", scene),
        Action::Include => narrow(screen, false, scene, outcome),
        Action::Exclude => narrow(screen, true, scene, outcome),
        Action::NextMatch => search(screen, Toward::Next, scene, outcome),
        Action::PreviousMatch => search(screen, Toward::Previous, scene, outcome),
        Action::NextError => screen.next_error(true, scene, outcome),
        Action::PreviousError => screen.next_error(false, scene, outcome),
        Action::Copy => copy(screen, focus, scene, outcome),
        Action::Trace | Action::Logs => outcome.say("this row has no trace id"),
        Action::Return if screen.go_back(scene, outcome) => {}
        Action::Return => outcome.say("there is nothing to go back to"),
        Action::Sort | Action::Invert => outcome.say("this list has one order"),
        _ => {}
    }
}

/// Handles the mouse; the wheel moves by `by` rows.
pub(in crate::app) fn point(
    screen: &mut dyn ScreenState,
    (pointer, by): (Pointer, isize),
    target: Target,
    scene: &Scene<'_>,
    outcome: &mut Outcome,
) {
    match (pointer, target) {
        (Pointer::Press, Target::Bar) => {
            let action = screen.bar_action();
            act(screen, action, scene, outcome);
        }
        (Pointer::Press, Target::Title(column)) => screen.press_title(column, scene, outcome),
        (Pointer::Press, Target::List(line)) => {
            let again = screen.list().select_line(line.into(), scene);
            if again.is_some() {
                screen.parts_mut().panes.focus = Pane::List;
            }
            if again == Some(true) && !screen.parts().panes.detail {
                open(screen, scene);
            }
        }
        (Pointer::Press, Target::Section(section)) => {
            screen.parts_mut().panes.focus = Pane::Detail;
            screen.parts_mut().detail.go_to(section);
        }
        (Pointer::Press, Target::Detail { line, facts }) => {
            screen.parts_mut().panes.focus = Pane::Detail;
            screen.parts_mut().detail.select_line(line.into(), facts);
        }
        (_, Target::List(_)) => screen.list().scroll(by, scene),
        (_, Target::Detail { facts, .. }) => screen.parts_mut().detail.scroll(by, facts),
        _ => {}
    }
}

/// Opens the detail of the selected row; focuses it if it is open.
pub(in crate::app) fn open(screen: &mut dyn ScreenState, scene: &Scene<'_>) {
    if screen.list().select_any(scene) {
        screen.parts_mut().panes.open();
    }
}

/// Goes one level up: leaves the zoom, leaves the detail, closes the detail, goes back to the earlier list. Returns
/// whether there was a level.
pub(in crate::app) fn back(screen: &mut dyn ScreenState, scene: &Scene<'_>, outcome: &mut Outcome) -> bool {
    screen.parts_mut().panes.back() || screen.go_back(scene, outcome)
}

/// Searches in the focused pane.
pub(in crate::app) fn search(screen: &mut dyn ScreenState, toward: Toward, scene: &Scene<'_>, outcome: &mut Outcome) {
    if screen.parts().search.is_empty() {
        return outcome.say("nothing is searched for");
    }
    if screen.parts().panes.focus == Pane::List {
        return screen.search(toward, scene, outcome);
    }
    let parts = screen.parts_mut();
    if let Some(said) = parts.detail.search(&parts.search, toward) {
        outcome.say(said);
    }
}

/// Moves the focus from the list through the sections of the detail and back to the list, or the other way.
fn next_pane(screen: &mut dyn ScreenState, forward: bool, scene: &Scene<'_>) {
    if !screen.list().select_any(scene) {
        return;
    }
    let parts = screen.parts_mut();
    let in_detail = parts.panes.focus == Pane::Detail;
    parts.panes.detail = true;
    let stays = match in_detail {
        true => parts.detail.next_section(forward),
        false => {
            parts.detail.enter(forward);
            true
        }
    };
    parts.panes.focus = if stays { Pane::Detail } else { Pane::List };
}

/// Reports the change if no open detail shows it.
fn wrap(screen: &mut dyn ScreenState, outcome: &mut Outcome) {
    let parts = screen.parts_mut();
    parts.detail.wrap = !parts.detail.wrap;
    if !parts.panes.detail {
        outcome.say(if parts.detail.wrap { "the detail wraps long values" } else { "the detail cuts long values" });
    }
}

fn narrow(screen: &mut dyn ScreenState, exclude: bool, scene: &Scene<'_>, outcome: &mut Outcome) {
    let parts = screen.parts();
    let Some(term) = parts.detail.selected().and_then(|entry| entry.term) else {
        return outcome.say("open a row and select a value first");
    };
    let before = &parts.filter.text;
    let expression = if exclude { term.excluded_from(before) } else { term.added_to(before) };
    if let Err(error) = set_filter(screen, &expression, scene) {
        outcome.refuse(error.explanation());
    }
}

/// Copies the selected value in the detail, the screen's text of the row in the list.
fn copy(screen: &dyn ScreenState, focus: Pane, scene: &Scene<'_>, outcome: &mut Outcome) {
    let value = screen.parts().detail.copied().filter(|_| focus == Pane::Detail);
    match value.map_or_else(|| screen.copied(scene), Ok) {
        Ok(text) => {
            outcome.say(format!("copied {}", number::bytes(text.len() as f64)));
            outcome.effects.push(Effect::Copy(text));
        }
        Err(reason) => outcome.say(reason),
    }
}
