//! Keys → actions, from a file that also feeds the help.
