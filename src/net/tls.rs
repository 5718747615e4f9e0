//! The TLS provider of this process, and the TLS side of a listener: its certificate and the client certificates it requires.

use crate::files;
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{AlertDescription, Error, ServerConfig};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Makes ring the TLS provider of this process. Call it before the first HTTP client is built; later calls do nothing.
pub fn install_tls() {
    // An error means that a provider is installed already, by an earlier call.
    _ = rustls::crypto::ring::default_provider().install_default();
}

/// The TLS configuration of a listener: TLS 1.2 and 1.3; HTTP/2 and HTTP/1.1 by ALPN. Clones share it.
#[derive(Clone)]
pub struct Tls(Arc<Shared>);

struct Shared {
    files: Files,
    current: Mutex<Current>,
}

/// Paths of the PEM files.
struct Files {
    cert: PathBuf,
    key: PathBuf,
    client_ca: Option<PathBuf>,
}

/// The configuration for new connections, and the state of the files it was read from.
struct Current {
    acceptor: TlsAcceptor,
    stamp: Stamp,
}

/// The metadata of each file, which shows a change without reading it; `None` if the file is missing.
type Stamp = Vec<Option<[u64; 7]>>;

impl Tls {
    /// Uses the certificates in `cert` with the key in `key`. With `client_ca`, clients must show a certificate that one of
    /// those signed. All are PEM files. They are read now, and by [`Tls::reload`] after a change.
    ///
    /// # Errors
    ///
    /// A message that begins with the name of the argument: a file cannot be read, has no valid content, or does not match
    /// the others.
    pub fn new(cert: &Path, key: &Path, client_ca: Option<&Path>) -> Result<Tls, String> {
        let files = Files { cert: cert.into(), key: key.into(), client_ca: client_ca.map(Path::to_owned) };
        let current = Mutex::new(files.read()?);
        Ok(Tls(Arc::new(Shared { files, current })))
    }

    /// Reloads the files if they have changed, for new connections; returns whether it did. Reads files, so do not call it on
    /// an async worker.
    ///
    /// # Errors
    ///
    /// As [`Tls::new`]; the earlier certificates then stay in use.
    pub fn reload(&self) -> Result<bool, String> {
        let Shared { files, .. } = &*self.0;
        if files.stamp() == self.0.lock().stamp {
            return Ok(false);
        }
        // The lock is not held while reading, so new connections do not wait for the disk.
        let reloaded = files.read()?;
        *self.0.lock() = reloaded;
        Ok(true)
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        let acceptor = self.0.lock().acceptor.clone();
        acceptor.accept(stream).await
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Files {
    fn read(&self) -> Result<Current, String> {
        // Take the stamp first: a change during the read then shows at the next check.
        let stamp = self.stamp();
        let Files { cert, key, client_ca } = self;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let shown = certificates("cert", cert)?;
        let pem = files::read(key, files::SECRET)
            .map_err(|error| format!("key: {} cannot be read: {error}", key.display()))?;
        let secret = PrivateKeyDer::from_pem_slice(&pem).map_err(|error| match error {
            rustls::pki_types::pem::Error::NoItemsFound => {
                format!("key: there is no private key in {}; a PEM file is expected", key.display())
            }
            error => format!("key: {} cannot be read: {error}", key.display()),
        })?;
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("cannot set up TLS: {error}"))?;
        let builder = match client_ca {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let mut roots = RootCertStore::empty();
                for certificate in certificates("client_ca", path)? {
                    roots.add(certificate).map_err(|error| format!("client_ca: {}: {error}", path.display()))?;
                }
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
                let verifier = verifier.map_err(|error| format!("client_ca: {}: {error}", path.display()))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder.with_single_cert(shown, secret).map_err(|error| match error {
            Error::InconsistentKeys(_) => {
                format!("key: {} is not the key of the certificate in {}", key.display(), cert.display())
            }
            error => format!("cert: {} and {} cannot be used: {error}", cert.display(), key.display()),
        })?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Current { acceptor: TlsAcceptor::from(Arc::new(config)), stamp })
    }

    fn stamp(&self) -> Stamp {
        let files = [Some(&self.cert), Some(&self.key), self.client_ca.as_ref()].into_iter().flatten();
        files.map(|path| Some(stamp(&std::fs::metadata(path).ok()?))).collect()
    }
}

/// Includes the time of the last metadata change, since a tool may keep the length and the time of writing. A pipe or a
/// device has a constant stamp, so it is read only once.
fn stamp(file: &std::fs::Metadata) -> [u64; 7] {
    if !file.is_file() {
        return [0; 7];
    }
    let times = [file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec()].map(i64::cast_unsigned);
    let [written, written_nanos, changed, changed_nanos] = times;
    [file.dev(), file.ino(), file.len(), written, written_nanos, changed, changed_nanos]
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

/// Whether the client and the server agreed on HTTP/2.
pub(super) fn is_http2(stream: &TlsStream<TcpStream>) -> bool {
    stream.get_ref().1.alpn_protocol() == Some(b"h2")
}

/// Describes a failed handshake; `None` if the client only closed the connection.
pub(super) fn handshake_error(error: &std::io::Error) -> Option<String> {
    let error = error.get_ref()?.downcast_ref::<Error>()?;
    Some(match error {
        Error::NoCertificatesPresented => "it sent no client certificate, but `client_ca` under [listen] requires one; set \
             OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY"
            .into(),
        Error::InvalidCertificate(_) => {
            format!("its client certificate is not signed by `client_ca` under [listen]: {error}")
        }
        Error::AlertReceived(
            AlertDescription::UnknownCA
            // The name matches but the key differs: the authority was created anew.
            | AlertDescription::DecryptError
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::UnsupportedCertificate,
        ) => "it does not trust the certificate of `cert` under [listen]; give it that certificate, or the one that signed it, in \
             OTEL_EXPORTER_OTLP_CERTIFICATE, and connect to a name that the certificate contains"
            .into(),
        error => format!("the TLS handshake failed: {error}"),
    })
}

fn certificates(key: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = files::read(path, files::CERTIFICATES)
        .map_err(|error| format!("{key}: {} cannot be read: {error}", path.display()))?;
    match CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>() {
        Ok(found) if found.is_empty() => {
            Err(format!("{key}: there is no certificate in {}; a PEM file is expected", path.display()))
        }
        Ok(found) => Ok(found),
        Err(error) => Err(format!("{key}: {} cannot be read: {error}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(folder: &Path, name: &str) -> (PathBuf, PathBuf) {
        let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (cert, key) = (folder.join(format!("{name}.crt")), folder.join(format!("{name}.key")));
        std::fs::write(&cert, signed.cert.pem()).unwrap();
        std::fs::write(&key, signed.signing_key.serialize_pem()).unwrap();
        (cert, key)
    }

    #[test]
    fn files_are_reloaded_only_after_a_change() {
        let folder = tempfile::tempdir().unwrap();
        let (cert, key) = pair(folder.path(), "a");
        let tls = Tls::new(&cert, &key, None).unwrap();
        assert_eq!(tls.reload(), Ok(false));
        let (other_cert, other_key) = pair(folder.path(), "b");
        std::fs::rename(other_cert, &cert).unwrap();
        for _ in 0..2 {
            assert!(tls.reload().unwrap_err().contains("is not the key of"), "reported again while it lasts");
        }
        std::fs::rename(other_key, &key).unwrap();
        assert_eq!((tls.reload(), tls.reload()), (Ok(true), Ok(false)));
        std::fs::remove_file(&key).unwrap();
        assert!(tls.reload().unwrap_err().contains("cannot be read"));
    }

    #[test]
    fn errors_name_the_setting_and_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let ((cert, key), (_, other)) = (pair(folder.path(), "a"), pair(folder.path(), "b"));
        let (empty, missing) = (folder.path().join("empty"), folder.path().join("missing"));
        std::fs::write(&empty, "nothing").unwrap();
        assert!(Tls::new(&cert, &key, Some(&cert)).is_ok());
        for (cert, key, ca, words) in [
            (&missing, &key, None, ["cert: ", "missing", "cannot be read"]),
            (&empty, &key, None, ["cert: ", "empty", "PEM"]),
            (&cert, &missing, None, ["key: ", "missing", "cannot be read"]),
            (&cert, &empty, None, ["key: ", "empty", "PEM"]),
            (&cert, &other, None, ["key: ", "b.key", "is not the key of"]),
            (&cert, &key, Some(&empty), ["client_ca: ", "empty", "PEM"]),
        ] {
            let error = Tls::new(cert, key, ca.map(|path| path.as_path())).unwrap_err();
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
        }
    }
}
