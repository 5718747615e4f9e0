//! Reads the configuration again on a worker thread, so that keys are not delayed.

use crate::config::Config;
use crate::keymap::Keymap;
use crate::source::Source;
use crate::ui::Theme;
use std::sync::Arc;
use tokio::runtime::Handle;

/// Reads the configuration again, with its files and the keyring. It may block for long. The error is a message.
pub type Reload = Arc<dyn Fn() -> Result<Reloaded, String> + Send + Sync>;

/// The new configuration.
pub struct Reloaded {
    /// The settings.
    pub config: Config,
    /// The sources of the command line or of the configuration.
    pub sources: Vec<Source>,
    /// The theme.
    pub theme: Theme,
    /// The keymap.
    pub keymap: Keymap,
}

/// The result of a reading.
pub(super) type Read = Result<Box<Reloaded>, String>;

/// Allows one reading at a time.
pub(super) struct Reading {
    reload: Reload,
    workers: Handle,
    state: ReloadState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ReloadState {
    Idle,
    UnderWay,
    /// A reading runs, and another was requested meanwhile: the result of this one may be outdated.
    Again,
}

impl Reading {
    pub fn new(reload: Reload, workers: Handle) -> Reading {
        Reading { reload, workers, state: ReloadState::Idle }
    }

    /// Starts a reading and returns true. If one runs already, it returns false, and another reading follows.
    pub fn begin(&mut self, tell: impl FnOnce(Read) + Send + 'static) -> bool {
        if self.state != ReloadState::Idle {
            self.state = ReloadState::Again;
            return false;
        }
        self.state = ReloadState::UnderWay;
        let reload = self.reload.clone();
        self.workers.spawn(async move {
            let read = tokio::task::spawn_blocking(move || reload()).await;
            let read = read.unwrap_or_else(|error| Err(format!("the configuration could not be read: {error}")));
            tell(read.map(Box::new));
        });
        true
    }

    /// Ends a reading. False: its result is outdated, and the caller must start another one.
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
    async fn a_second_reload_follows_a_slow_first() {
        let (answer, answers) = channel::<String>();
        let answers = Mutex::new(answers);
        let reload: Reload = Arc::new(move || Err(answers.lock().unwrap().recv().unwrap()));
        let mut reading = Reading::new(reload, Handle::current());
        let (sender, mut read) = tokio::sync::mpsc::unbounded_channel();
        let tell = || {
            let sender = sender.clone();
            move |read: Read| _ = sender.send(read.err())
        };
        assert!(reading.begin(tell()));
        assert!(!reading.begin(tell()), "one is under way, and the call returned");
        answer.send("old".into()).unwrap();
        assert_eq!(read.recv().await.unwrap().as_deref(), Some("old"));
        assert!(!reading.end());
        assert!(reading.begin(tell()));
        answer.send("new".into()).unwrap();
        assert_eq!(read.recv().await.unwrap().as_deref(), Some("new"));
        assert!(reading.end());
    }
}
