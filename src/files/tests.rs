use super::*;
use std::io::Write;
use std::path::PathBuf;

const SHORT: Duration = Duration::from_millis(20);
const LONG: Duration = Duration::from_secs(60);

fn pipe(folder: &tempfile::TempDir) -> PathBuf {
    let path = folder.path().join("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, Mode::RWXU, 0).unwrap();
    path
}

fn words(result: Result<Vec<u8>, FileError>) -> String {
    result.map(|bytes| format!("{} bytes", bytes.len())).unwrap_or_else(|error| error.to_string())
}

#[test]
fn a_file_is_read_up_to_its_limit() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    assert_eq!(words(read(file.path(), 0)), "0 bytes");
    file.write_all(&[b'x'; 3 * PIECE as usize]).unwrap();
    assert_eq!(words(read(file.path(), 3 * PIECE)), "196608 bytes");
    let error = words(read(file.path(), 3 * PIECE - 1));
    assert!(error.starts_with("it is longer than 191 KiB") && error.contains("give a shorter one"), "{error}");
}

#[test]
fn an_endless_device_ends_at_the_limit() {
    let error = words(read(Path::new("/dev/zero"), TEXT));
    assert!(error.starts_with("it is longer than 1 MiB"), "{error}");
    assert_eq!(words(read(Path::new("/dev/null"), TEXT)), "0 bytes");
}

#[test]
fn a_pipe_without_a_writer_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = pipe(&folder);
    let error = words(read_within(&path, TEXT, SHORT));
    assert!(error.starts_with("it is a pipe") && error.contains("give a regular file"), "{error}");
    // A pipe with a writer that never closes it does not end either.
    let mut writer = File::options().read(true).write(true).open(&path).unwrap();
    writer.write_all(b"some").unwrap();
    let error = words(read_within(&path, TEXT, SHORT));
    assert!(error.contains("within 0.02 s"), "{error}");
}

#[test]
fn a_pipe_is_read_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = pipe(&folder);
    let writing = {
        let path = path.clone();
        std::thread::spawn(move || {
            let mut writer = File::create(path).unwrap();
            for _ in 0..3 {
                writer.write_all(b"piece ").unwrap();
                std::thread::sleep(Duration::from_millis(5));
            }
        })
    };
    assert_eq!(read_within(&path, TEXT, LONG).unwrap(), b"piece piece piece ");
    writing.join().unwrap();
}

#[test]
fn a_path_to_another_type_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    assert!(words(read(folder.path(), TEXT)).contains("directory"));
    assert!(words(read(&folder.path().join("missing"), TEXT)).contains("No such file"));
    assert!(words(read(&socket, TEXT)).contains("No such device"), "{}", words(read(&socket, TEXT)));
    assert!(is_readable(&socket).unwrap_err().to_string().contains("it is a socket"));
}

#[test]
fn bytes_that_are_not_text_are_refused() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"caf\xe9").unwrap();
    assert_eq!(read_text(file.path(), TEXT).unwrap_err().to_string(), "it is not UTF-8 text; save it as UTF-8");
}

#[test]
fn checking_a_pipe_reads_nothing_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = pipe(&folder);
    let mut both = File::options().read(true).write(true).open(&path).unwrap();
    both.write_all(b"token").unwrap();
    is_readable(&path).unwrap();
    let mut held = [0; 5];
    both.read_exact(&mut held).unwrap();
    assert_eq!(&held, b"token");
}
