//! What `dev` and `serve` share: the runtime, the signals, the root key, the line for scripts.

use std::time::Duration;

use server::Clock;
use server::{RootKey, Service, StartOptions};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::{Failure, notify};

/// How long stopping may take before the process ends by force. The steps of [`Service::stop`] take less.
const STOP_TIME_MAX: Duration = Duration::from_millis(9_500);

/// Runs a service's future on a runtime of its own, with the log on standard error.
pub(crate) fn block_on(serving: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    log_to_standard_error();
    crate::process::shut()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(serving);
    // What still blocks a thread now has had its time.
    runtime.shutdown_timeout(std::time::Duration::from_millis(50));
    done
}

/// Starts, announces, and serves until told to stop; does `meanwhile` until then.
pub(crate) async fn run(
    options: &StartOptions,
    announce: impl AsyncFnOnce(&Service) -> Result<(), Failure>,
    meanwhile: impl AsyncFnOnce(&Service),
) -> Result<(), Failure> {
    // Listened for from the first moment on: a signal during the start stops the start.
    let drain = Duration::from_secs(options.settings.drain_seconds.into());
    let mut signals = signals(drain + STOP_TIME_MAX)?;
    let service = tokio::select! {
        service = Service::start(options, root_key()?, Clock::System) => service?,
        _ = signals.wait_for(|heard| *heard >= 1) => return Ok(()),
    };
    announce(&service).await?;
    notify::tell(notify::READY);
    let until_told = async {
        meanwhile(&service).await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = until_told => {}
        // An error means that the thread is gone, which it never is.
        _ = signals.wait_for(|heard| *heard >= 1) => {}
    }
    notify::tell(notify::STOPPING);
    let stop = async {
        service.drain(drain).await;
        service.stop().await
    };
    // A second signal does not wait for anybody.
    tokio::select! {
        _finished = stop => {}
        _ = signals.wait_for(|heard| *heard >= 2) => {}
    }
    Ok(())
}

/// How to call this binary from another shell: as it was called, where that was by its name alone; else by its path.
pub(crate) fn own_name() -> String {
    let called = std::env::args_os().next().unwrap_or_default();
    let by_name = std::path::Path::new(&called).components().count() == 1;
    let path = std::env::current_exe().ok().filter(|_| !by_name);
    let name = path
        .map_or_else(|| called.to_string_lossy().into_owned(), |path| path.display().to_string());
    server::quoted(&name)
}

/// How many signals to stop were heard. A thread of its own hears them, and ends the process when stopping takes longer than
/// `stop_time_max`: that must not depend on the threads that serve.
fn signals(stop_time_max: Duration) -> Result<watch::Receiver<u32>, Failure> {
    let (heard, receiver) = watch::channel(0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut interrupt, mut terminate) = {
        let _entered = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    let hearing = async move {
        let mut deadline: Option<std::pin::Pin<Box<tokio::time::Sleep>>> = None;
        loop {
            let out_of_time = async {
                match &mut deadline {
                    Some(deadline) => deadline.await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                () = out_of_time => std::process::exit(1),
            }
            heard.send_modify(|heard| *heard += 1);
            deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep(stop_time_max)));
        }
    };
    let thread = std::thread::Builder::new().name("signals".to_owned());
    thread.spawn(move || -> () { runtime.block_on(hearing) })?;
    Ok(receiver)
}

/// Where everything is, for scripts.
pub(crate) fn ready(service: &Service) -> serde_json::Value {
    serde_json::json!({
        "control": service.control_url,
        "admin": service.admin_url,
        "console": service.console_url,
        "domains": service.domains(),
        "account": service.account,
        "region": service.region,
        "ca": service.ca,
        "env": service.env(),
        "pid": std::process::id(),
    })
}

/// The root key that the operator chose, from the environment.
fn root_key() -> Result<Option<RootKey>, Failure> {
    let id = variable("COUNTERSIGN_ROOT_ACCESS_KEY_ID")?;
    let secret = variable("COUNTERSIGN_ROOT_SECRET_ACCESS_KEY")?;
    match (id, secret) {
        (None, None) => Ok(None),
        (Some(id), Some(secret)) if !id.is_empty() && !secret.is_empty() => {
            Ok(Some(RootKey { access_key_id: id, secret: sigv4::SecretKey::new(&secret) }))
        }
        _ => {
            Err("COUNTERSIGN_ROOT_ACCESS_KEY_ID and COUNTERSIGN_ROOT_SECRET_ACCESS_KEY go together"
                .into())
        }
    }
}

/// A variable, or the content of the file that `NAME_FILE` names.
fn variable(name: &str) -> Result<Option<String>, Failure> {
    if let Ok(value) = std::env::var(name) {
        return Ok(Some(value));
    }
    match std::env::var(format!("{name}_FILE")) {
        Ok(path) => {
            let text =
                std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
            Ok(Some(text.trim().to_owned()))
        }
        Err(_) => Ok(None),
    }
}

/// Warnings and worse, unless `COUNTERSIGN_LOG` says otherwise (`COUNTERSIGN_LOG=debug`).
fn log_to_standard_error() {
    use tracing_subscriber::EnvFilter;
    let filter =
        EnvFilter::try_from_env("COUNTERSIGN_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let _ =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}
