//! Settings as plain data: defaults < file < environment < flags.
