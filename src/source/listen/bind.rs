//! Binds the ports and serves requests on them.

use super::super::{Link, SourceError};
use super::access::Access;
use super::receive::Receiver;
use super::spec::ListenSpec;
use super::{grpc, http, port_owner};
use crate::budget::Budget;
use crate::config;
use crate::model::{Endpoint, Protocol};
use crate::net::{self, BodyReaders, ConnectionEnds, Guard, Reply};
use hyper::Response;
use hyper::body::Incoming;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// Time limit for reading the files of `[listen]`; the same as a source's default connection timeout.
const WAIT: Duration = Duration::from_secs(30);

/// Listens until the connection must end. If only one port is taken, the other one still listens.
///
/// # Errors
///
/// [`SourceError::Final`] if no port could be bound, or if a file is invalid or was not read in time.
pub(super) async fn run(spec: &ListenSpec, link: Link, settings: Arc<config::Listen>) -> Result<(), SourceError> {
    let access = tokio::select! {
        () = link.closed() => return Ok(()),
        access = opened(&settings, WAIT) => access.map_err(SourceError::Final)?,
    };
    let (mut listeners, mut endpoints, mut troubles) = (Vec::new(), Vec::new(), Vec::new());
    let mut taken: Vec<(&str, String)> = Vec::new();
    for (protocols, address) in wanted(spec) {
        match bind(address).await {
            Ok((listener, local)) => {
                let (is_secure, address) = (access.tls.is_some(), local.to_string());
                let endpoint =
                    |protocol: &Protocol| Endpoint { protocol: *protocol, is_secure, address: address.clone() };
                endpoints.extend(protocols.iter().map(endpoint));
                if access.is_open && !local.ip().is_loopback() {
                    troubles.push(format!(
                        "{local} is open to the network: anyone who can reach it can send; set a token, or cert, key and \
                         client_ca, under [listen]"
                    ));
                }
                listeners.push(listener);
            }
            Err(error) => {
                let owner = port_owner(address, &error).await;
                troubles.push(refusal(protocols, address, &error, &owner));
                if error.kind() == ErrorKind::AddrInUse {
                    taken.push((address, owner));
                }
            }
        }
    }
    let all_taken = taken.len() == troubles.len() && listeners.is_empty();
    let trouble = if all_taken && !taken.is_empty() { none_free(&taken) } else { troubles.join("; ") };
    if listeners.is_empty() {
        let nothing = "there is no address to listen on; set `grpc` or `http` under [listen]";
        return Err(SourceError::Final(if trouble.is_empty() { nothing.into() } else { trouble }));
    }
    link.listens_on(endpoints);
    let standing = (!trouble.is_empty()).then_some(trouble);
    if let Some(trouble) = &standing {
        link.trouble(trouble.clone());
    }
    let budget = Budget::new(settings.max_in_flight.max(settings.max_body));
    let receiver = Receiver {
        admission: access.admission.clone(),
        guard: Arc::new(Guard::new(&settings.hosts, &settings.origins)),
        readers: BodyReaders::new(budget.clone()),
        budget,
        max_body: settings.max_body,
        link: link.clone(),
    };
    let servers = listeners.into_iter().map(|listener| {
        let (receiver, reporter) = (receiver.clone(), link.clone());
        // The connection carried no request, so no items.
        let report = move |peer, why: String| reporter.reject(0, format!("a connection from {peer}: {why}"));
        let answer = move |request, ends| answer(receiver.clone(), request, ends);
        net::serve(listener, access.tls.clone(), answer, report, link.closed())
    });
    tokio::select! {
        _ = futures_util::future::join_all(servers) => {}
        () = access.keep_reloaded(&link, standing.as_deref()) => {}
    }
    Ok(())
}

/// Reads the token and the TLS files. They may be on a disk that hangs, so this happens off the async workers and takes at
/// most `wait`.
async fn opened(settings: &Arc<config::Listen>, wait: Duration) -> Result<Access, String> {
    let files = settings.clone();
    let reading = tokio::task::spawn_blocking(move || Access::new(&files));
    match tokio::time::timeout(wait, reading).await {
        Err(_) => Err(too_slow(settings, wait)),
        Ok(Err(error)) => Err(format!("the files of [listen] could not be read: {error}")),
        Ok(Ok(access)) => access.map_err(|error| format!("listen.{error}")),
    }
}

fn too_slow(settings: &config::Listen, wait: Duration) -> String {
    let config::Listen { token_file, cert, key, client_ca, .. } = settings;
    let files = [("token_file", token_file), ("cert", cert), ("key", key), ("client_ca", client_ca)];
    let set = files.into_iter().filter(|(_, path)| !path.as_os_str().is_empty());
    let files: Vec<String> = set.map(|(key, path)| format!("listen.{key} {}", path.display())).collect();
    format!("{}: not read within {} s; check whether the disk responds", files.join(", "), wait.as_secs_f64())
}

/// Answers a request of either protocol: every port accepts both.
async fn answer(receiver: Receiver, request: hyper::Request<Incoming>, ends: ConnectionEnds) -> Response<Reply> {
    match grpc::is_call(&request) {
        true => grpc::answer(receiver, request, ends).await,
        false => http::answer(receiver, request, ends).await,
    }
}

/// The addresses to bind, each with the protocols it is announced for. An address given for both is bound once.
fn wanted(spec: &ListenSpec) -> Vec<(&'static [Protocol], &str)> {
    let is_shared = spec.grpc == spec.http && !spec.grpc.ends_with(":0");
    let both: Vec<(&'static [Protocol], &str)> = match is_shared {
        true => vec![(&[Protocol::Grpc, Protocol::Http], &spec.grpc)],
        false => vec![(&[Protocol::Grpc], &spec.grpc), (&[Protocol::Http], &spec.http)],
    };
    both.into_iter().filter(|(_, address)| !address.is_empty()).collect()
}

async fn bind(address: &str) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await?;
    let local = listener.local_addr()?;
    Ok((listener, local))
}

/// If an address is taken: ` by otelcol (pid 4711)`, as far as the system shows the owner; otherwise empty.
async fn port_owner(address: &str, error: &std::io::Error) -> String {
    let taken = tokio::net::lookup_host(address).await.ok().filter(|_| error.kind() == ErrorKind::AddrInUse);
    let Some(address) = taken.and_then(|mut addresses| addresses.next()) else { return String::new() };
    let found = tokio::task::spawn_blocking(move || port_owner::of(address)).await;
    found.ok().flatten().map(|owner| format!(" by {owner}")).unwrap_or_default()
}

/// The error if every port is taken: the owners, and the command that uses free ports.
fn none_free(taken: &[(&str, String)]) -> String {
    let one_owner = taken.iter().all(|(_, owner)| *owner == taken[0].1);
    let owned: Vec<String> = match one_owner {
        true => taken.iter().map(|(address, _)| (*address).to_owned()).collect(),
        false => taken.iter().map(|(address, owner)| format!("{address}{owner}")).collect(),
    };
    let (verb, owner) = (if owned.len() == 1 { "is" } else { "are" }, if one_owner { &*taken[0].1 } else { "" });
    let host = taken[0].0.rsplit_once(':').map_or("127.0.0.1", |(host, _)| host);
    let others = "free ports: otail 'listen://";
    match one_owner {
        true => format!("{} {verb} taken{owner}; {others}{host}?grpc=0&http=0'", owned.join(" and ")),
        false => format!("taken: {}; {others}{host}?grpc=0&http=0'", owned.join(", ")),
    }
}

/// The remedy comes early, so that a line of 80 columns does not cut it off.
fn refusal(protocols: &[Protocol], address: &str, error: &std::io::Error, owner: &str) -> String {
    let why = match error.kind() {
        ErrorKind::AddrInUse => {
            return match protocols {
                [protocol] => {
                    let scheme = match protocol {
                        Protocol::Grpc => "grpc",
                        Protocol::Http => "http",
                    };
                    format!("{address} is taken{owner}; free it, or use ?{scheme}=PORT, or `{scheme}` under [listen]")
                }
                _ => format!("{address} is taken{owner}; free it, or listen on another port"),
            };
        }
        ErrorKind::PermissionDenied => {
            "the system does not allow it; use a port above 1023, or run otail with the right to bind lower ones".into()
        }
        ErrorKind::AddrNotAvailable => "this machine does not have that address".into(),
        _ => error.to_string(),
    };
    format!("cannot listen for OTLP on {address}: {why}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(grpc: &str, http: &str) -> usize {
        wanted(&ListenSpec { grpc: grpc.into(), http: http.into() }).len()
    }

    #[test]
    fn one_address_for_both_is_bound_once() {
        assert_eq!(bound("127.0.0.1:4317", "127.0.0.1:4318"), 2);
        assert_eq!(bound("127.0.0.1:4317", "127.0.0.1:4317"), 1);
        assert_eq!(bound("127.0.0.1:0", "127.0.0.1:0"), 2);
        assert_eq!(bound("", "127.0.0.1:4318"), 1);
        assert_eq!(bound("", ""), 0);
    }

    #[test]
    fn ports_taken_name_owner_and_command_for_free_ones() {
        let by = |owner: &str| [("127.0.0.1:4317", owner.to_owned()), ("127.0.0.1:4318", owner.to_owned())];
        assert_eq!(
            none_free(&by(" by otelcol (pid 7)")),
            "127.0.0.1:4317 and 127.0.0.1:4318 are taken by otelcol (pid 7); free ports: otail \
             'listen://127.0.0.1?grpc=0&http=0'"
        );
        assert_eq!(
            none_free(&[("[::1]:1", " by a (pid 1)".into()), ("[::1]:2", String::new())]),
            "taken: [::1]:1 by a (pid 1), [::1]:2; free ports: otail 'listen://[::1]?grpc=0&http=0'"
        );
    }

    #[tokio::test]
    async fn a_hanging_file_is_named_after_the_time_limit() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("hangs");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RWXU, 0).unwrap();
        let settings = Arc::new(config::Listen { token_file: pipe.clone(), ..config::Listen::default() });
        let error = opened(&settings, Duration::from_millis(20)).await.unwrap_err();
        assert!(error.contains("listen.token_file") && error.contains("hangs: not read within 0.02 s"), "{error}");
        // Lets the blocked thread end.
        std::fs::write(pipe, "token").unwrap();
    }
}
