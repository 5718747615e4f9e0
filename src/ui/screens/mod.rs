//! How the screens look; the same names as in `app::screens`.

pub(super) mod feed;
pub(super) mod sources;
