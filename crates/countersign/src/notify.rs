//! What the process tells systemd, where that started it (`Type=notify`): `sd_notify(3)`, one datagram for each state.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixDatagram;

/// It serves, again after its settings were read.
pub(crate) const READY: &str = "READY=1";

/// It reads its settings again.
pub(crate) const RELOADING: &str = "RELOADING=1";

/// It was told to stop.
pub(crate) const STOPPING: &str = "STOPPING=1";

/// Tells it, where somebody listens. Nobody does outside of a unit, and nothing depends on it here.
pub(crate) fn tell(state: &str) {
    let Some(path) = std::env::var_os("NOTIFY_SOCKET") else { return };
    let Ok(socket) = UnixDatagram::unbound() else { return };
    let sent = match path.as_bytes().strip_prefix(b"@") {
        Some(name) => abstract_name(&socket, name, state),
        None => socket.send_to(state.as_bytes(), path),
    };
    if let Err(error) = sent {
        tracing::warn!(%error, state, "systemd was not told");
    }
}

/// A socket without a file has a name that `NOTIFY_SOCKET` shows behind an `@`.
#[cfg(target_os = "linux")]
fn abstract_name(socket: &UnixDatagram, name: &[u8], state: &str) -> std::io::Result<usize> {
    use std::os::linux::net::SocketAddrExt;
    let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
    socket.send_to_addr(state.as_bytes(), &address)
}

#[cfg(not(target_os = "linux"))]
fn abstract_name(_: &UnixDatagram, _: &[u8], _: &str) -> std::io::Result<usize> {
    Err(std::io::ErrorKind::Unsupported.into())
}
