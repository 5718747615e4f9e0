//! Raw mode, input, panic and signal safety.
