//! One file per thing that a hit shows, and per way to page.

mod columns;
mod crowd;
mod explain;
mod pages;
mod rescore;
mod source;
mod validate;
