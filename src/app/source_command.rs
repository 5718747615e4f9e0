//! What the user wants done to the connections, and which one a name means.

use crate::config::Secret;
use crate::model::{Connection, ConnectionState, SourceId};

/// Something for the provider to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SourceCommand {
    /// Connect to what was typed, which may hold credentials.
    Connect {
        /// A URL, a path or `-`.
        typed: Secret,
        /// The connection that ends once this one is made.
        instead_of: Option<SourceId>,
    },
    /// Hold a connection.
    Pause(SourceId),
    /// Let it go on.
    Resume(SourceId),
    /// Try again now.
    Retry(SourceId),
    /// Try again with what was typed: `user:password`, or a token.
    Authenticate(SourceId, Secret),
    /// End a connection.
    Disconnect(SourceId),
    /// End them all.
    DisconnectAll,
    /// Leave one that is over out of the list.
    Forget(SourceId),
    /// Leave all that are over out of it.
    ForgetAll,
}

/// Whether a connection is being made, made or held: it is neither given up nor ended.
pub fn is_open(connection: &Connection) -> bool {
    !matches!(connection.state, ConnectionState::Error | ConnectionState::Disconnected)
}

/// Which connection a name means: its label, or the beginning of one alone, in any case. Of several with one label the open
/// one is meant, and else the youngest.
pub(super) fn named<'a>(connections: &'a [Connection], name: &str) -> Result<&'a Connection, String> {
    let folded = name.to_lowercase();
    let label = |connection: &Connection| connection.label.to_lowercase();
    let exact = || connections.iter().rev().filter(|connection| label(connection) == folded);
    if let Some(connection) = exact().find(|connection| is_open(connection)).or_else(|| exact().next()) {
        return Ok(connection);
    }
    let mut beginning = connections.iter().filter(|connection| label(connection).starts_with(&folded));
    match (beginning.next(), beginning.next()) {
        (Some(connection), None) => Ok(connection),
        (Some(_), Some(_)) => Err(format!("`{name}` may be several sources; type more of it")),
        (None, _) => Err(format!("there is no source `{name}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{SourceKind, Time};

    #[test]
    fn a_name_is_a_label_or_the_beginning_of_one() {
        let connection = |id, label: &str, state| Connection {
            state,
            ..Connection::new(SourceId(id), SourceKind::Sse, label.to_owned(), String::new(), Time(0))
        };
        let known = [
            connection(1, "shop", ConnectionState::Active),
            connection(2, "Shop-2", ConnectionState::Active),
            connection(3, "node", ConnectionState::Active),
            connection(4, "node", ConnectionState::Disconnected),
        ];
        let id = |name| named(&known, name).map(|connection| connection.id.0);
        assert_eq!([id("shop"), id("SHOP-"), id("no"), id("node")], [Ok(1), Ok(2), id("no"), Ok(3)]);
        assert!(
            id("no").is_err() && id("s").unwrap_err().contains("several") && id("x").unwrap_err().contains("no source")
        );
    }
}
