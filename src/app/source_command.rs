//! Commands for connections, and the lookup of a connection by name.

use crate::config::Secret;
use crate::model::{Connection, ConnectionState, SourceId, visible};

/// A command for a connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SourceCommand {
    /// Connects to a typed source, which may contain credentials.
    Connect {
        /// A URL, a path or `-`.
        typed: Secret,
        /// The connection to disconnect once the new one starts.
        instead_of: Option<SourceId>,
    },
    /// Pauses a connection.
    Pause(SourceId),
    /// Resumes a connection.
    Resume(SourceId),
    /// Retries now.
    Retry(SourceId),
    /// Retries with typed credentials: `user:password`, or a token.
    Authenticate(SourceId, Secret),
    /// Disconnects a source.
    Disconnect(SourceId),
    /// Disconnects all sources.
    DisconnectAll,
    /// Removes a failed or ended source from the list.
    Forget(SourceId),
    /// Removes all failed and ended sources from the list.
    ForgetAll,
}

/// Whether a connection is neither failed nor disconnected.
pub fn is_open(connection: &Connection) -> bool {
    !matches!(connection.state, ConnectionState::Error | ConnectionState::Disconnected)
}

/// Finds the connection with this name, or the only one whose name starts with it; case does not matter. Connections for
/// which `is_for` holds come first; others are found so that the command can explain its refusal.
pub(super) fn named<'a>(
    connections: &'a [Connection],
    name: &str,
    is_for: impl Fn(&Connection) -> bool,
) -> Result<&'a Connection, String> {
    let folded = name.to_lowercase();
    let label = |connection: &Connection| connection.label.to_lowercase();
    let one_of = |found: Vec<&'a Connection>| match found.as_slice() {
        [] => None,
        [one] => Some(Ok(*one)),
        [first, others @ ..] if others.iter().all(|other| other.label == first.label) => Some(Err(format!(
            "{} sources are called `{}`; select one on the Sources screen and use its keys",
            found.len(),
            visible(&first.label)
        ))),
        _ => Some(Err(format!("`{name}` matches several sources; type more of the name"))),
    };
    let all = |wanted: &dyn Fn(&Connection) -> bool| connections.iter().filter(|known| wanted(known)).collect();
    one_of(all(&|known| label(known) == folded && is_for(known)))
        .or_else(|| one_of(all(&|known| label(known) == folded)))
        .or_else(|| one_of(all(&|known| label(known).starts_with(&folded) && is_for(known))))
        .or_else(|| one_of(all(&|known| label(known).starts_with(&folded))))
        .unwrap_or_else(|| Err(format!("there is no source `{name}`")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{SourceKind, Time};

    #[test]
    fn a_source_is_found_by_its_names_beginning() {
        let connection = |id, label: &str, state| Connection {
            state,
            ..Connection::new(SourceId(id), SourceKind::pushed("sse"), label.to_owned(), String::new(), Time(0))
        };
        use ConnectionState::{Active, Disconnected, Error};
        let known = [
            connection(1, "shop", Active),
            connection(2, "Shop-2", Active),
            connection(3, "node", Active),
            connection(4, "node", Disconnected),
            connection(5, "twice", Active),
            connection(6, "twice", Active),
            connection(7, "lost", Error),
        ];
        let open = |name| named(&known, name, is_open).map(|connection| connection.id.0);
        assert_eq!([open("shop"), open("SHOP-"), open("node"), open("los")], [Ok(1), Ok(2), Ok(3), Ok(7)]);
        let over = |name| named(&known, name, |connection| !is_open(connection)).map(|connection| connection.id.0);
        assert_eq!([over("node"), over("shop"), over("n")], [Ok(4), Ok(1), Ok(4)]);
        assert!(open("twice").unwrap_err().contains("2 sources are called `twice`"));
        assert!(open("s").unwrap_err().contains("several") && open("x").unwrap_err().contains("no source"));
    }
}
