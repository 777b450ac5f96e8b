//! Scrolling.

mod pages;
