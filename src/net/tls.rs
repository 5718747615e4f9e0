//! The one TLS provider of this process.

/// Makes ring the provider of everything that speaks TLS here. Must have run before the first HTTP client is built; again is
/// harmless.
pub fn install_tls() {
    // An error says that there is a provider already: ours, from an earlier call.
    _ = rustls::crypto::ring::default_provider().install_default();
}
