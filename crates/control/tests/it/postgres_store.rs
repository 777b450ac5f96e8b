//! What only a store in PostgreSQL can meet: a server that goes away and comes back, TLS and passwords, other schemas.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use control::{
    Control, CountedMinute, GatewayNews, ObservedDomain, OpenError, PostgresPlace, PostgresUrl,
    StoreError, StorePlace,
};

use crate::databases::{Database, place};
use crate::postgres_server::PostgresServer;
use crate::store::{create, has};
use crate::support::{OBSERVED, World, open};

#[test]
fn a_url_is_read_with_tls_unless_the_host_is_this_machine_and_never_with_a_password() {
    for (text, good) in [
        ("postgres://cs@db.example.org/state", true),
        ("postgresql://cs@db.example.org:5433/state?sslmode=require", true),
        ("postgres://cs@a.example.org,b.example.org/state", true),
        ("postgres://cs@localhost/state", true),
        ("postgres://cs@%2Frun%2Fpostgresql/state", true),
        ("postgres://cs@db.example.org/state?sslmode=disable", true),
        ("postgres://cs@db.example.org/state?sslmode=prefer", false),
        ("postgres://cs:hunter2@db.example.org/state", false),
        ("postgres://db.example.org/state", false),
        ("postgres://cs@db.example.org", false),
        ("postgres://cs@/state", false),
        ("mysql://cs@db.example.org/state", false),
        ("host=db user=cs dbname=state", false),
        ("", false),
    ] {
        assert_eq!(PostgresUrl::read(text).is_some(), good, "{text}");
    }
}

mod on_postgres {
    use super::*;

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn two_processes_that_begin_at_once_make_one_schema_and_one_root() {
        let database = Database::postgres();
        let versions: Vec<u64> = std::thread::scope(|scope| {
            let begun =
                [0, 1, 2].map(|_| scope.spawn(|| database.world().control.directory().version()));
            begun.into_iter().map(|begun| begun.join().unwrap()).collect()
        });
        assert_eq!(versions, [1, 1, 1], "one change: the root");
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn another_programs_schema_is_not_touched() {
        let database = Database::postgres();
        database.run("CREATE SCHEMA countersign; CREATE TABLE countersign.theirs (x int)");
        let error = open(database.place(), 7).err().unwrap();
        assert_eq!(
            error.to_string(),
            "the state is damaged or not countersign's: the schema countersign of this database holds another program's tables"
        );
        assert_eq!(database.row("SELECT count(*)::text FROM pg_class WHERE relnamespace = 'countersign'::regnamespace"), ["1"]);
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn a_newer_schema_is_refused_by_number_at_the_start_and_while_it_runs() {
        let database = Database::postgres();
        let world = database.world();
        create(&world, "ann");
        database.run("UPDATE meta SET value = 99 WHERE name = 'schema'");
        let newer = "the state has schema 99; this countersign knows 3: use the newer version that wrote it";
        assert_eq!(open(database.place(), 7).err().unwrap().to_string(), newer);
        assert_eq!(world.control.reload().unwrap_err().message, newer);
        let refused =
            world.refused(&world.root(), "iam:CreateUser", serde_json::json!({"UserName": "bob"}));
        assert!(refused.ends_with(newer), "{refused}");
        assert_eq!(
            database.row("SELECT count(*)::text FROM records WHERE key LIKE '%/bob'"),
            ["0"]
        );
        assert!(has(&world, "ann"), "what was known is known");
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn a_database_of_before_gateways_told_each_other_anything_is_brought_up_to_date() {
        let database = Database::postgres();
        create(&database.world(), "ann");
        database.run(
            "DROP TABLE gateways, gateway_minutes; UPDATE meta SET value = 1 WHERE name = 'schema'",
        );
        let world = database.world();
        assert!(has(&world, "ann"));
        assert_eq!(world.control.exchange_news("gw-1", None, &[]).unwrap(), []);
        assert_eq!(database.row("SELECT value::text FROM meta WHERE name = 'schema'"), ["3"]);
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn what_a_gateway_counted_in_a_minute_every_gateway_hears_once_for_an_hour() {
        let database = Database::postgres();
        let (one, two) = (database.world(), database.world());
        let minute = |until: i64| CountedMinute { until, body: format!("{{\"of\":{until}}}") };
        let tell = |own: &[CountedMinute]| one.control.exchange_minutes("gw-1", own, 0.0, 10);
        let version = one.control.directory().version();
        assert_eq!(tell(&[]).unwrap(), []);
        let told = tell(&[minute(60_000), minute(120_000)]).unwrap();
        assert_eq!(told.len(), 2, "its own, too: {told:?}");
        let hear = |since: f64, rows_max: usize| {
            let heard = two.control.exchange_minutes("gw-2", &[], since, rows_max).unwrap();
            heard.iter().map(|it| (it.gateway.clone(), it.minute.until)).collect::<Vec<_>>()
        };
        assert_eq!(hear(0.0, 10).len(), 2);
        assert_eq!(hear(0.0, 1).len(), 1, "no more than there is room for");
        assert_eq!(hear(told[0].told + 1.0, 10), [], "what is known is not heard again");
        // A minute that was told stays as it was told.
        tell(&[CountedMinute { body: "{}".to_owned(), ..minute(60_000) }]).unwrap();
        let body = "SELECT body FROM gateway_minutes WHERE until = 60000";
        assert_eq!(database.row(body), [r#"{"of":60000}"#]);
        // The newest are there when an hour is over, and those of before are not.
        database.run("UPDATE gateway_minutes SET told = told - interval '66 minutes'");
        tell(&[minute(180_000)]).unwrap();
        assert_eq!(hear(0.0, 10), [("gw-1".to_owned(), 180_000)]);
        assert_eq!(one.control.directory().version(), version, "no change of the state");
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn what_a_gateway_tells_of_its_domains_the_others_hear_with_its_age_and_what_they_know_not_again()
     {
        let database = Database::postgres();
        let (one, two) = (database.world(), database.world());
        let news: GatewayNews =
            [("books".to_owned(), ObservedDomain::serves(OBSERVED, "n"))].into();
        let version = one.control.directory().version();
        assert_eq!(one.control.exchange_news("gw-1", Some(&news), &[]).unwrap(), [], "its own");
        let hear = |known: &[(String, String)]| {
            let mut told = two.control.exchange_news("gw-2", None, known).unwrap();
            assert_eq!(told.len(), 1, "{told:?}");
            told.remove(0)
        };
        let heard = hear(&[]);
        assert_eq!((heard.gateway.as_str(), &heard.domains), ("gw-1", &Some(news)));
        assert!(heard.age < Duration::from_secs(60), "{:?}", heard.age);
        let known = [(heard.gateway, heard.version)];
        assert_eq!(hear(&known).domains, None);
        database.run("UPDATE gateways SET told = told - interval '10 minutes'");
        assert!(hear(&known).age >= Duration::from_secs(600));
        // Said again, it is as new as ever; another thing, it is told again.
        one.control.exchange_news("gw-1", Some(&GatewayNews::new()), &[]).unwrap();
        let heard = hear(&known);
        assert_eq!(heard.domains, Some(GatewayNews::new()));
        assert!(heard.age < Duration::from_secs(60) && heard.version != known[0].1);
        database.run("UPDATE gateways SET told = told - interval '2 days'");
        two.control.exchange_news("gw-2", Some(&GatewayNews::new()), &[]).unwrap();
        assert_eq!(
            database.row("SELECT count(*)::text FROM gateways"),
            ["1"],
            "it is gone for good"
        );
        assert_eq!(one.control.directory().version(), version, "no change of the state");
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn a_change_does_not_wait_for_what_gateways_tell_each_other() {
        let database = Database::postgres();
        let (world, mut other) = (database.world(), database.client());
        let mut held = other.transaction().unwrap();
        held.execute("LOCK TABLE countersign.gateways IN ACCESS EXCLUSIVE MODE", &[]).unwrap();
        std::thread::scope(|scope| {
            let telling = scope.spawn(|| world.control.exchange_news("gw-1", None, &[]));
            let waiting = "SELECT count(*)::text FROM pg_locks \
                           WHERE NOT granted AND relation = 'countersign.gateways'::regclass";
            while database.row(waiting) == ["0"] {
                assert!(!telling.is_finished(), "it does not wait for the table");
            }
            create(&world, "ann");
            assert!(has(&world, "ann") && !telling.is_finished(), "the change waited");
            held.rollback().unwrap();
            assert_eq!(telling.join().unwrap().unwrap(), []);
        });
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn h3_a_server_that_goes_away_takes_no_snapshot_with_it_and_is_found_again() {
        let mut server = PostgresServer::start();
        let one = World::random_in(place(&server.database("state")));
        let (tell, told) = mpsc::channel();
        let two = World::random_in(place(&server.url("state")));
        two.control.listen(Box::new(move |version| tell.send(version).unwrap_or_default()));
        let heard = || told.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_eq!(heard(), None, "connected");
        create(&one, "ann");
        assert_eq!(heard(), Some(one.control.directory().version()));
        assert!(!has(&two, "ann"));
        assert!(two.control.reload().unwrap() && has(&two, "ann"));

        server.stop();
        let refused =
            one.refused(&one.root(), "iam:CreateUser", serde_json::json!({"UserName": "bob"}));
        assert!(
            refused.starts_with(
                "ServiceUnavailable: The change was not made: the service cannot reach the database"
            ),
            "{refused}"
        );
        assert!(
            has(&one, "ann") && !has(&one, "bob"),
            "the snapshot stays, and nothing half-made is in it"
        );
        assert!(two.control.reload().is_err() && has(&two, "ann"));

        server.start_again();
        let refused =
            one.refused(&one.root(), "iam:CreateUser", serde_json::json!({"UserName": "bob"}));
        assert!(
            refused.starts_with("ServiceUnavailable"),
            "whoever changes waits for nobody: {refused}"
        );
        one.control.reload().unwrap();
        create(&one, "carol");
        // What was heard last is that it listens again, or that commit.
        while !has(&two, "carol") {
            heard();
            // It may have heard that the server is back before it met that it was gone.
            let _ = two.control.reload();
        }
        assert!(!has(&two, "bob"));
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn processes_that_commit_without_a_pause_keep_no_other_from_its_change() {
        let database = Database::postgres();
        let busy: Vec<World> = (0..8).map(|_| database.world()).collect();
        let (done, patient) = (AtomicBool::new(false), database.world());
        std::thread::scope(|scope| {
            for (n, world) in busy.iter().enumerate() {
                let goes_on = |_: &u32| !done.load(Ordering::Acquire);
                scope.spawn(move || {
                    (0..400).take_while(goes_on).for_each(|m| create(world, &format!("a{n}-{m}")));
                });
            }
            (0..20).for_each(|n| create(&patient, &format!("b{n}")));
            done.store(true, Ordering::Release);
        });
        let third = database.world();
        assert!((0..20).all(|n| has(&third, &format!("b{n}"))));
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn a_process_that_hangs_in_a_commit_holds_the_others_up_for_seconds_only() {
        let database = Database::postgres();
        let world = database.world();
        let mut hanging = database.client();
        hanging
            .batch_execute(
                "BEGIN; UPDATE countersign.meta SET value = value WHERE name = 'version'",
            )
            .unwrap();
        let refused =
            world.refused(&world.root(), "iam:CreateUser", serde_json::json!({"UserName": "ann"}));
        assert!(refused.starts_with("ServiceUnavailable: The change was not made"), "{refused}");
        hanging.batch_execute("ROLLBACK").unwrap();
        create(&world, "ann");
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn a_server_that_lacks_the_last_commits_is_read_whole_also_where_it_is_as_far_by_number() {
        let database = Database::postgres();
        let (changes, reads) = (database.world(), database.world());
        create(&changes, "lost");
        assert!(reads.control.reload().unwrap() && has(&reads, "lost"));
        let version = changes.control.directory().version();
        // As a standby that did not get the last commit, and took another one since.
        database.run("DELETE FROM records WHERE key LIKE '%/lost'");
        database.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND application_name = 'countersign'",
        );
        create(&changes, "bob");
        assert!(has(&changes, "bob") && !has(&changes, "lost"));
        assert_eq!(changes.control.directory().version(), version + 1);
        assert!(reads.control.reload().unwrap());
        assert!(has(&reads, "bob") && !has(&reads, "lost"));
        assert!(!reads.control.reload().unwrap(), "read whole once");
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn the_password_and_the_certificate_are_checked_and_the_password_is_never_said() {
        let mut server = PostgresServer::start();
        server.database("state");
        server.client("state").batch_execute("ALTER USER countersign PASSWORD 'hunter2'").unwrap();
        server.shell(
            "openssl req -new -x509 -days 2 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=localhost \
             -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE \
             -out data/server.crt -keyout data/server.key; echo 'ssl = on' >>data/postgresql.conf; \
             echo 'hostssl all all 127.0.0.1/32 scram-sha-256' >data/pg_hba.conf",
        );
        server.stop();
        server.start_again();
        let certificate = std::fs::read(server.folder.join("data/server.crt")).unwrap();
        let open = |mode: &str, password: &'static str, roots: &[u8]| {
            let url =
                format!("postgres://countersign@localhost:{}/state?sslmode={mode}", server.port);
            let url = PostgresUrl::read(&url).unwrap();
            let place = PostgresPlace::new(url, move || Ok(password.to_owned().into()), roots);
            match open(StorePlace::Postgres(place), 7) {
                Ok(control) => Ok::<Control, String>(control),
                Err(OpenError::Store(StoreError::Lost { why })) => Err(why),
                Err(other) => panic!("{other}"),
            }
        };
        assert!(open("require", "hunter2", &certificate).is_ok());
        for (mode, password, roots, expected) in [
            ("require", "hunter2", &b""[..], "invalid peer certificate"),
            ("require", "wrong", &certificate, "password authentication failed"),
            ("require", "", &certificate, "password missing"),
            ("disable", "hunter2", &certificate, "no encryption"),
        ] {
            let why = open(mode, password, roots).err().unwrap();
            assert!(why.contains(expected) && !why.contains("hunter2"), "{why}");
        }
    }
}
