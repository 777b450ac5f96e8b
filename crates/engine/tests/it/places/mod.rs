//! Where in a body a fault is: line and column, as the real servers tell them.

mod bodies;
mod syntax;
