//! Finds the process that owns a port. On Linux the system shows a user's own processes, and to root all of them.

use crate::files;
use std::fs::{self, read_dir, read_link};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// The longest socket table to read, in bytes: some hundred thousand sockets.
const TABLE: u64 = 64 << 20;
/// The state of a listening socket in the tables of `/proc/net`.
const LISTENING: &str = "0A";

/// The process that listens on an address, such as `otelcol (pid 4711)`; `None` if unknown.
pub(super) fn of(address: SocketAddr) -> Option<String> {
    let tables =
        ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| files::read_text(Path::new(path), TABLE).unwrap_or_default());
    let inode = tables.iter().flat_map(|table| table.lines()).find_map(|line| listening(line, address))?;
    let process = with_socket(inode)?;
    let id = process.file_name()?.to_string_lossy().into_owned();
    let name = files::read_text(&process.join("comm"), files::TEXT).ok()?;
    Some(format!("{} (pid {id})", name.trim()))
}

/// The inode of the socket in a line of the table, if it listens on an address that conflicts with `wanted`.
fn listening(line: &str, wanted: SocketAddr) -> Option<u64> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let [_, local, _, state, .., _, inode] = columns.get(..10)? else { return None };
    let local = socket_address(local)?;
    let clash = local.ip() == wanted.ip() || local.ip().is_unspecified() || wanted.ip().is_unspecified();
    (*state == LISTENING && local.port() == wanted.port() && clash).then(|| inode.parse().ok())?
}

/// Parses `0100007F:10DD`: words of four bytes in native byte order, then the port.
fn socket_address(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.split_once(':')?;
    let word = |at: usize| Some(u32::from_str_radix(address.get(at..at + 8)?, 16).ok()?.to_ne_bytes());
    let ip = match address.len() {
        8 => IpAddr::V4(Ipv4Addr::from(word(0)?)),
        32 => {
            let mut bytes = [0; 16];
            for at in 0..4 {
                bytes.get_mut(at * 4..at * 4 + 4)?.copy_from_slice(&word(at * 8)?);
            }
            let ip = Ipv6Addr::from(bytes);
            ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4)
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

/// The process that has a socket open, among those whose files this user may see.
fn with_socket(inode: u64) -> Option<PathBuf> {
    let wanted = format!("socket:[{inode}]");
    let is_it = |file: fs::DirEntry| read_link(file.path()).is_ok_and(|target| target == Path::new(&wanted));
    let has_it = |process: &PathBuf| read_dir(process.join("fd")).is_ok_and(|files| files.flatten().any(is_it));
    let is_process = |path: &PathBuf| path.file_name().is_some_and(|name| name.as_encoded_bytes()[0].is_ascii_digit());
    read_dir("/proc").ok()?.flatten().map(|entry| entry.path()).filter(is_process).find(has_it)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn addresses_are_parsed_in_native_byte_order() {
        let of = |bytes: [u8; 4]| format!("{:08X}", u32::from_ne_bytes(bytes));
        let v4 = of([127, 0, 0, 1]);
        assert_eq!(socket_address(&format!("{v4}:10DD")), "127.0.0.1:4317".parse().ok());
        let v6 = format!("{}{}{}{}", of([0; 4]), of([0; 4]), of([0; 4]), of([0, 0, 0, 1]));
        assert_eq!(socket_address(&format!("{v6}:0001")), "[::1]:1".parse().ok());
        let mapped = format!("{}{}{}{v4}", of([0; 4]), of([0; 4]), of([0, 0, 255, 255]));
        assert_eq!(socket_address(&format!("{mapped}:0001")), "127.0.0.1:1".parse().ok());
        for nonsense in ["", "local_address", "0100007F", "0100007F:", "0100007:1", "zzzzzzzz:1", "0100007F:10000"] {
            assert_eq!(socket_address(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_owner_has_a_name_and_a_pid() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let owner = of(address).unwrap();
        assert!(owner.ends_with(&format!("(pid {})", std::process::id())), "{owner}");
        let everywhere = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), address.port());
        assert_eq!(of(everywhere), Some(owner), "every address includes this one");
        drop(listener);
        assert_eq!(of(address), None);
    }
}
