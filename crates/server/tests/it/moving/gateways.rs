//! Two gateways over one database: what both do and tell while a domain moves, and what becomes of a hand-over whose answer is lost.

mod on_postgres {
    use std::io::copy;
    use std::net::{Shutdown, TcpListener, TcpStream};
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    use std::sync::{Arc, Mutex};

    use control::PostgresUrl;
    use serde_json::{Value, json};
    use server::{PoolSettings, StartOptions};

    use super::super::cluster::{Cluster, Does};
    use super::super::meanwhile::held;
    use super::super::writing::writer;
    use super::super::{Mover, fill};
    use crate::client::Client;
    use crate::postgres_server::PostgresServer;
    use crate::service::{Running, scratch};

    /// A database, and the folder of what its gateways share.
    struct Site {
        folder: PathBuf,
        server: PostgresServer,
    }

    impl Site {
        fn new(name: &str) -> Self {
            let folder = scratch(name);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("sealing.key"), "07".repeat(32)).unwrap();
            let server = PostgresServer::start();
            server.database("state");
            Self { folder, server }
        }

        fn own(&self, options: &mut StartOptions, url: &str) {
            let state = &mut options.settings.state;
            state.url = PostgresUrl::read(url);
            state.sealing_key_file = Some(self.folder.join("sealing.key"));
        }

        /// A gateway with the domain `books`, whose way to the database is `url`.
        fn mover(&self, url: &str) -> Mover {
            let data = Some(self.folder.join("one"));
            Mover::before(data, Cluster::start(), |options| self.own(options, url))
        }

        /// Another gateway, with the domain at the same port of another address.
        fn second(&self, mover: &Mover) -> (Running, Client) {
            let url = self.server.url("state");
            let running = Running::start_with(Some(self.folder.join("two")), |options| {
                let pool = PoolSettings::new(String::new(), vec![mover.cluster.url()]);
                options.settings.pools = [("main".to_owned(), pool)].into();
                options.settings.domains.listen = "127.0.0.2".parse().unwrap();
                self.own(options, &url);
            });
            let books = Client::new(mover.books.port, &running.ca());
            (running, Client { address: "127.0.0.2", ..books })
        }
    }

    impl Drop for Site {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.folder).ok();
        }
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn a_gateway_that_has_not_the_indices_of_a_domain_says_whose_they_are_when_it_is_asked_of_its_move()
     {
        let site = Site::new("moves-gateways");
        let mover = site.mover(&site.server.url("state"));
        let (two, _) = site.second(&mover);
        let path = "/_countersign/domains/books/migration";
        let asked = |gateway: &Running| {
            gateway.control("es").signed(&gateway.developer(), "GET", path, b"")
        };
        let told = asked(&two);
        assert_eq!(told.status, 409, "{}", told.text());
        assert!(told.text().contains("are at another gateway"), "{}", told.text());
        assert_eq!(asked(&mover.running).status, 200);
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn what_two_gateways_acknowledged_while_a_domain_moved_is_there_and_both_serve_it_afterwards() {
        let site = Site::new("moves-written");
        let mover = site.mover(&site.server.url("state"));
        let (two, through_two) = site.second(&mover);
        fill(&mover, 2_000);
        mover.cluster.does(|request| {
            if request.path == "/_bulk" {
                // So that the copy takes a while.
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
            Does::Answers
        });
        let ends = Arc::new(AtomicBool::new(false));
        let counts = [(); 2].map(|()| Arc::new(AtomicU64::new(0)));
        let begun = |name: &'static str, books: &Client, count: &Arc<AtomicU64>| {
            let (key, ends) = (mover.running.developer(), Arc::clone(&ends));
            writer(name, books.clone(), key, ends, Arc::clone(count))
        };
        let writers = [
            begun("a", &mover.books, &counts[0]),
            begun("b", &mover.books, &counts[0]),
            begun("c", &through_two, &counts[1]),
            begun("d", &through_two, &counts[1]),
        ];
        let more = |count: &AtomicU64| {
            let before = count.load(Ordering::SeqCst);
            assert!(two.eventually(|_| count.load(Ordering::SeqCst) > before + 50));
        };
        more(&counts[0]);
        assert_eq!(counts[1].load(Ordering::SeqCst), 0, "the indices are at the first gateway");
        let told = mover.moved();
        assert_eq!((&told["phase"], &told["differences"]), (&json!("moved"), &json!([])), "{told}");
        counts.iter().for_each(|count| more(count));
        ends.store(true, Ordering::SeqCst);
        mover.cluster.does(|_| Does::Answers);
        let (key, mut documents) = (mover.running.developer(), 0);
        for (place, writer) in writers.into_iter().enumerate() {
            let (possible, errors) = writer.join().unwrap();
            // At the second it was not until it had moved, and its listener there is another one since.
            let foreseen = |error: &String| {
                let is_there = error.contains(": 503 ") && error.contains("is at another gateway");
                place >= 2 && (is_there || error.ends_with("the connection broke"))
            };
            let unforeseen: Vec<String> = errors.into_iter().filter(|it| !foreseen(it)).collect();
            assert_eq!(unforeseen, Vec::<String>::new());
            for (id, values) in possible {
                documents += 1;
                for books in [&mover.books, &through_two] {
                    let there = books.signed(&key, "GET", &format!("/logs/_doc/{id}"), b"").json();
                    let n = there["_source"]["n"].as_u64();
                    assert!(values.contains(&n), "{id}: {values:?}, {there}");
                }
            }
        }
        assert!(documents > 100, "{documents}");
    }

    /// What a gateway tells of the domain: whether it is being changed, the stages of that, the color of its indices, its nodes.
    fn described(gateway: &Running) -> (Value, Vec<String>, Value, Vec<String>) {
        let asked = |rest: &str| {
            let path = format!("/2021-01-01/opensearch/domain/books{rest}");
            gateway.control("es").signed(&gateway.developer(), "GET", &path, b"").json()
        };
        let list = |list: &Value, keys: [&str; 2]| {
            let rows = list.as_array().unwrap().iter();
            let row = |row: &Value| format!("{} {}", row[keys[0]], row[keys[1]]).replace('"', "");
            rows.map(row).collect::<Vec<String>>()
        };
        let stages = asked("/progress")["ChangeProgressStatus"]["ChangeProgressStages"].clone();
        let nodes = asked("/nodes")["DomainNodesStatusList"].clone();
        (
            asked("")["DomainStatus"]["Processing"].clone(),
            list(&stages, ["Name", "Status"]),
            asked("/health")["ClusterHealth"].clone(),
            list(&nodes, ["NodeStatus", "NodeType"]),
        )
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn a_gateway_tells_of_a_move_at_another_as_that_one_does() {
        let site = Site::new("moves-told");
        let mover = site.mover(&site.server.url("state"));
        let (two, _) = site.second(&mover);
        fill(&mover, 10);
        let one = &mover.running;
        assert!(two.eventually(|two| described(two) == described(one)), "{:?}", described(&two));
        assert_eq!(described(&two).3, ["Active Data"]);
        assert_ne!(described(&two).2, "NotAvailable");
        let gate = held(&mover, "/_bulk", |_| Does::Answers);
        let (processing, stages, ..) = described(one);
        assert_eq!(processing, true);
        let copies = "Copying shards to new nodes IN_PROGRESS";
        assert_eq!(stages, [copies, "Traffic routing on new nodes PENDING"]);
        let as_one = |two: &Running| {
            // Somebody follows it.
            mover.order("GET", "");
            described(two) == described(one)
        };
        assert!(two.eventually(as_one), "{:?}", described(&two));
        gate.open();
        assert_eq!(mover.ended()["phase"], "moved");
        let is_over = |gateway: &Running| {
            let (processing, stages, ..) = described(gateway);
            processing == false && stages.is_empty()
        };
        assert!(is_over(one), "{:?}", described(one));
        assert!(two.eventually(is_over), "{:?}", described(&two));
    }

    /// A way to the database that a test cuts.
    struct Wire {
        port: u16,
        open: Arc<Mutex<Vec<TcpStream>>>,
    }

    impl Wire {
        fn to(database: u16) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            let open: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
            let kept = Arc::clone(&open);
            std::thread::spawn(move || {
                for near in listener.incoming().flatten() {
                    let Ok(far) = TcpStream::connect(("127.0.0.1", database)) else { continue };
                    for (from, to) in [(&near, &far), (&far, &near)] {
                        let (mut from, mut to) =
                            (from.try_clone().unwrap(), to.try_clone().unwrap());
                        std::thread::spawn(move || {
                            let _ = copy(&mut from, &mut to);
                            let _ = to.shutdown(Shutdown::Both);
                        });
                    }
                    kept.lock().unwrap().extend([near, far]);
                }
            });
            Self { port, open }
        }

        /// Breaks every connection; new ones are made.
        fn cut(&self) {
            for stream in self.open.lock().unwrap().drain(..) {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }

        fn url(&self) -> String {
            format!("postgres://countersign@127.0.0.1:{}/state?sslmode=disable", self.port)
        }
    }

    /// Each commit waits for whoever holds the lock 42.
    const SLOW_COMMITS: &str = "
        CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_advisory_xact_lock_shared(42); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER wait AFTER UPDATE ON countersign.meta
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.wait()";

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn while_a_hand_over_may_still_be_committed_no_write_is_done_here() {
        let site = Site::new("moves-unclear");
        let wire = Wire::to(site.server.port);
        let mover = site.mover(&wire.url());
        fill(&mover, 10);
        let mut database = site.server.client("state");
        database.batch_execute(SLOW_COMMITS).unwrap();
        // The comparison: writes are held back, and the hand-over is next.
        let gate = held(&mover, "/_search", |_| Does::Answers);
        database.batch_execute("SELECT pg_advisory_lock(42)").unwrap();
        gate.open();
        let mut waits = |kind: &str| {
            let sql = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = $1";
            database.query_one(sql, &[&kind]).unwrap().get::<_, i64>(0) > 0
        };
        assert!(mover.running.eventually(|_| waits("advisory")), "no commit waits");
        wire.cut();
        let (books, key) = (mover.books.clone(), mover.running.developer());
        let answered = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&answered);
        let write = std::thread::spawn(move || {
            let answer = books.signed(&key, "PUT", "/logs/_doc/w", b"{\"n\":1}");
            told.store(true, Ordering::SeqCst);
            answer
        });
        // What asks whether it was made waits for its end, and the write for the answer.
        let asks = |_: &Running| waits("transactionid") || answered.load(Ordering::SeqCst);
        assert!(mover.running.eventually(asks));
        assert!(!answered.load(Ordering::SeqCst), "it ran where the domain may not be any more");
        database.batch_execute("SELECT pg_advisory_unlock(42)").unwrap();
        let told = mover.ended();
        let answer = write.join().unwrap();
        assert_eq!(answer.status, 201, "{}", answer.text());
        // Who holds a commit up for four seconds loses it. Either way the write is where the domain is.
        let there = mover.cluster.ask("GET /logs/_doc/w", &Value::Null).0 == 200;
        assert_eq!(told["phase"] == "moved", there, "{told}");
        let pool = || {
            let directory = mover.running.service().state().control.directory();
            directory.domain("123456789012", "us-east-1", "books").unwrap().pool.clone()
        };
        assert_eq!(pool().is_some(), there);
        assert_eq!(mover.ask("GET /logs/_doc/w", &Value::Null).status, 200);
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn a_start_after_a_hand_over_of_unknown_end_asks_what_became_of_it_first() {
        let site = Site::new("moves-unknown");
        let url = site.server.url("state");
        let mover = site.mover(&url);
        fill(&mover, 3);
        mover.cluster.does(|request| match request.path.as_str() {
            "/_bulk" => Does::Says(200, json!({"errors": false})),
            _ => Does::Answers,
        });
        assert_eq!(mover.moved()["phase"], "failed");
        let cluster = mover.cluster.clone();
        mover.running.stop();
        // As a service leaves it that ended before it knew.
        let journal = site.folder.join("one/migrations/123456789012/us-east-1");
        let journal = std::fs::read_dir(journal).unwrap().next().unwrap().unwrap().path();
        let text = std::fs::read_to_string(&journal).unwrap();
        let unclear = text.replace("\"phase\":\"copying\"", "\"phase\":\"moved\"");
        assert_ne!(unclear, text);
        std::fs::write(&journal, unclear).unwrap();
        let running = Running::start_with(Some(site.folder.join("one")), |options| {
            let pool = PoolSettings::new(String::new(), vec![cluster.url()]);
            options.settings.pools = [("main".to_owned(), pool)].into();
            site.own(options, &url);
        });
        let sql = "SELECT count(*) FROM countersign.changes WHERE operation = 'fence'";
        let fences: i64 = site.server.client("state").query_one(sql, &[]).unwrap().get(0);
        assert_eq!(fences, 1);
        assert!(running.eventually(|running| running.service().domains().contains_key("books")));
    }
}
