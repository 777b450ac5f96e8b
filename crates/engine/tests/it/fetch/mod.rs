//! One file per thing that a hit shows, and per way to page.

mod columns;
mod crowd;
mod pages;
mod source;
