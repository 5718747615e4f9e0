//! stub
use super::{Link, ListenSpec, SourceError};
use crate::config;
use std::sync::Arc;
pub(super) async fn run(_spec: ListenSpec, _link: Link, _settings: Arc<config::Listen>) -> Result<(), SourceError> {
    Err(SourceError::Final("stub".into()))
}
