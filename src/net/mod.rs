//! Body limits, decompression, Host and Origin guard.
