//! What the user wants done to the connections, and which one a name means.

use crate::config::Secret;
use crate::model::{Connection, ConnectionState, SourceId, visible};

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

/// Which connection a name means, of those that the command is for: its label, or the beginning of one alone, in any case. One
/// that the command is for goes before the others, which say why it is not for them.
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
        _ => Some(Err(format!("`{name}` may be several sources; type more of it"))),
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
    fn a_name_is_a_label_or_the_beginning_of_one() {
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
