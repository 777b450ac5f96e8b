//! The porch and the walk of every request.
