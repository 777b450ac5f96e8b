//! Scrolling.

mod pages;
mod slices;
