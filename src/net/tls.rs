//! The one TLS provider of this process, and what a listener shows and asks of who connects.

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

/// Makes ring the provider of everything that speaks TLS here. Must have run before the first HTTP client is built; again is
/// harmless.
pub fn install_tls() {
    // An error says that there is a provider already: ours, from an earlier call.
    _ = rustls::crypto::ring::default_provider().install_default();
}

/// A listener's side of TLS: 1.2 and 1.3, HTTP/2 and HTTP/1.1 told by ALPN. Clones are the same.
#[derive(Clone)]
pub struct Tls(Arc<Shared>);

struct Shared {
    files: Files,
    current: Mutex<Current>,
}

/// PEM files.
struct Files {
    cert: PathBuf,
    key: PathBuf,
    client_ca: Option<PathBuf>,
}

/// What new connections get, and the files that it was made of.
struct Current {
    acceptor: TlsAcceptor,
    stamp: Stamp,
}

/// What tells one state of the files from another without reading them; none where a file is not to be had.
type Stamp = Vec<Option<[u64; 7]>>;

impl Tls {
    /// Shows the certificates of `cert`, whose key is in `key`. With `client_ca`, whoever connects must show a certificate that
    /// leads to one of those. All are PEM files, read here, and by [`Tls::renew`] when they have changed.
    ///
    /// # Errors
    ///
    /// In words that begin with the name of the argument: a file that cannot be read, holds nothing of use, or does not fit.
    pub fn new(cert: &Path, key: &Path, client_ca: Option<&Path>) -> Result<Tls, String> {
        let files = Files { cert: cert.into(), key: key.into(), client_ca: client_ca.map(Path::to_owned) };
        let current = Mutex::new(files.read()?);
        Ok(Tls(Arc::new(Shared { files, current })))
    }

    /// Looks whether the files have changed, and if so, shows and asks what is in them now of whoever connects from here on.
    /// Whether it does. Reads files, and so belongs on no async worker.
    ///
    /// # Errors
    ///
    /// As [`Tls::new`]; then what was read last goes on.
    pub fn renew(&self) -> Result<bool, String> {
        let Shared { files, .. } = &*self.0;
        if files.stamp() == self.0.lock().stamp {
            return Ok(false);
        }
        // Whoever connects does not wait for the disk: the lock is not held while it is read.
        let renewed = files.read()?;
        *self.0.lock() = renewed;
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
        // The stamp first: what is written while it is read makes another one.
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
            .map_err(|error| format!("no TLS: {error}"))?;
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
            error => format!("cert: {} and {} are of no use: {error}", cert.display(), key.display()),
        })?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Current { acceptor: TlsAcceptor::from(Arc::new(config)), stamp })
    }

    fn stamp(&self) -> Stamp {
        let files = [Some(&self.cert), Some(&self.key), self.client_ca.as_ref()].into_iter().flatten();
        files.map(|path| Some(stamp(&std::fs::metadata(path).ok()?))).collect()
    }
}

/// The time of the last change of any kind is in it: who renews may keep length and time of writing as they were. A pipe
/// or a device, which changes as it is read, is read once.
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

/// Whether HTTP/2 was agreed on.
pub(super) fn is_http2(stream: &TlsStream<TcpStream>) -> bool {
    stream.get_ref().1.alpn_protocol() == Some(b"h2")
}

/// Why no TLS came about, where that is for people: not where somebody knocked and went away.
pub(super) fn mishap(error: &std::io::Error) -> Option<String> {
    let error = error.get_ref()?.downcast_ref::<Error>()?;
    Some(match error {
        Error::NoCertificatesPresented => "it shows no certificate, and `client_ca` under [listen] wants one: \
             OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY"
            .into(),
        Error::InvalidCertificate(_) => {
            format!("its certificate is none that `client_ca` under [listen] vouches for: {error}")
        }
        Error::AlertReceived(
            AlertDescription::UnknownCA
            // The right name with another key: an authority that was made anew.
            | AlertDescription::DecryptError
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::UnsupportedCertificate,
        ) => "it does not trust the certificate of `cert` under [listen]: give it that, or the one that signed it, as \
             OTEL_EXPORTER_OTLP_CERTIFICATE, and reach otail by a name that is in it"
            .into(),
        error => format!("no TLS could be agreed on: {error}"),
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
    fn files_are_read_again_when_they_have_changed_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let (cert, key) = pair(folder.path(), "a");
        let tls = Tls::new(&cert, &key, None).unwrap();
        assert_eq!(tls.renew(), Ok(false));
        let (other_cert, other_key) = pair(folder.path(), "b");
        std::fs::rename(other_cert, &cert).unwrap();
        for _ in 0..2 {
            assert!(tls.renew().unwrap_err().contains("is not the key of"), "told for as long as it is so");
        }
        std::fs::rename(other_key, &key).unwrap();
        assert_eq!((tls.renew(), tls.renew()), (Ok(true), Ok(false)));
        std::fs::remove_file(&key).unwrap();
        assert!(tls.renew().unwrap_err().contains("cannot be read"));
    }

    #[test]
    fn a_file_that_is_of_no_use_is_named_with_its_key() {
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
