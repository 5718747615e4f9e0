//! Reading the configuration again, beside the thread that takes the keys.

use crate::config::Config;
use crate::keymap::Keymap;
use crate::source::Source;
use crate::ui::Theme;
use std::sync::Arc;
use tokio::runtime::Handle;

/// Reads everything again that the configuration says, and its files and the keyring with it, which may take their time; an
/// error in words.
pub type Reload = Arc<dyn Fn() -> Result<Reloaded, String> + Send + Sync>;

/// What the configuration says now.
pub struct Reloaded {
    /// Settings.
    pub config: Config,
    /// The sources that it, or the command line, names.
    pub sources: Vec<Source>,
    /// The looks.
    pub theme: Theme,
    /// The keys.
    pub keymap: Keymap,
}

/// What came of a reading.
pub(super) type Read = Result<Box<Reloaded>, String>;

/// One reading at a time.
pub(super) struct Reading {
    reload: Reload,
    workers: Handle,
    state: ReloadState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ReloadState {
    Idle,
    UnderWay,
    /// And it was asked for again meanwhile: what is read now may be old.
    Again,
}

impl Reading {
    pub fn new(reload: Reload, workers: Handle) -> Reading {
        Reading { reload, workers, state: ReloadState::Idle }
    }

    /// Begins to read; whether it did. If not, a reading is under way, and another one will follow it.
    pub fn begin(&mut self, tell: impl FnOnce(Read) + Send + 'static) -> bool {
        if self.state != ReloadState::Idle {
            self.state = ReloadState::Again;
            return false;
        }
        self.state = ReloadState::UnderWay;
        let reload = self.reload.clone();
        self.workers.spawn(async move {
            let read = tokio::task::spawn_blocking(move || reload()).await;
            let read = read.unwrap_or_else(|error| Err(format!("the configuration was not read: {error}")));
            tell(read.map(Box::new));
        });
        true
    }

    /// A reading is over; whether what it came to is not old, so that no other one is to follow.
    pub fn end(&mut self) -> bool {
        std::mem::replace(&mut self.state, ReloadState::Idle) != ReloadState::Again
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::sync::mpsc::channel;

    #[tokio::test]
    async fn a_reading_that_takes_its_time_is_not_waited_for_and_another_one_follows_it() {
        let (answer, answers) = channel::<String>();
        let answers = Mutex::new(answers);
        let reload: Reload = Arc::new(move || Err(answers.lock().unwrap().recv().unwrap()));
        let mut reading = Reading::new(reload, Handle::current());
        let (told, mut read) = tokio::sync::mpsc::unbounded_channel();
        let tell = || {
            let told = told.clone();
            move |read: Read| _ = told.send(read.err())
        };
        assert!(reading.begin(tell()));
        assert!(!reading.begin(tell()), "one is under way, and nobody waited for it");
        answer.send("old".into()).unwrap();
        assert_eq!(read.recv().await.unwrap().as_deref(), Some("old"));
        assert!(!reading.end());
        assert!(reading.begin(tell()));
        answer.send("new".into()).unwrap();
        assert_eq!(read.recv().await.unwrap().as_deref(), Some("new"));
        assert!(reading.end());
    }
}
