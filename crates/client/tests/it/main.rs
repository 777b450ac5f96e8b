//! The outbound side's tests, one binary. Group F of the abuse cases by number.

#[cfg(test)]
mod cluster;
#[cfg(test)]
mod credentials;
#[cfg(test)] // so that the lints know these modules for tests
mod doctor;
#[cfg(test)]
mod endpoint;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod s3;
#[cfg(test)]
mod signed;
#[cfg(test)]
mod upstream;
