//! `collapse`.

mod hits;
