//! The bounded queue between sources and whoever reads; counters; de-duplication.
