//! The language as a whole: how it reads, what it refuses, what it means, and that the columns say what a plain reading
//! of each item says.

mod differential;
mod errors;
mod items;
mod meaning;
mod naive;
mod syntax;
