//! Several gateways over one PostgreSQL: what is done at one holds at all, and what each does while the database is gone.

mod on_postgres {
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use control::PostgresUrl;
    use serde_json::json;
    use server::{RotatedKey, StartOptions, Stopwatch};

    use crate::client::{Answer, Client, Key};
    use crate::clocks::admin;
    use crate::postgres_server::PostgresServer;
    use crate::service::{Running, element, port, scratch};

    /// How long a change may take until it holds at every gateway: what docs/operating/gateways.md promises.
    const BOUND: Duration = Duration::from_secs(1);

    /// A folder with the sealing key that all gateways of a test share.
    struct Site {
        folder: PathBuf,
        server: PostgresServer,
    }

    impl Site {
        fn new(name: &str) -> Site {
            let folder = scratch(name);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("sealing.key"), "07".repeat(32)).unwrap();
            let server = PostgresServer::start();
            server.database("state");
            Site { folder, server }
        }

        fn gateway(&self, name: &str, edit: impl FnOnce(&mut StartOptions)) -> Running {
            Running::start_with(Some(self.folder.join(name)), |options| {
                let state = &mut options.settings.state;
                state.url = PostgresUrl::read(&self.server.url("state"));
                state.sealing_key_file = Some(self.folder.join("sealing.key"));
                edit(options);
            })
        }

        fn two(&self) -> (Running, Running) {
            let one = self.gateway("one", |_options| {});
            (one, self.gateway("two", |_options| {}))
        }
    }

    impl Drop for Site {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.folder).ok();
        }
    }

    fn version(running: &Running) -> u64 {
        running.service().state().control.directory().version()
    }

    /// How long it takes until `two` knows what `one` knows now.
    fn until_known(one: &Running, two: &Running) -> Duration {
        let (watch, version_there) = (Stopwatch::start(), version(one));
        assert!(two.eventually(|two| version(two) >= version_there));
        watch.elapsed()
    }

    fn create_user(running: &Running, name: &str) -> Answer {
        running.query(&running.developer(), "iam", &[("Action", "CreateUser"), ("UserName", name)])
    }

    fn new_key(running: &Running, user: &str) -> Key {
        let form = [("Action", "CreateAccessKey"), ("UserName", user)];
        let made = running.call("iam", &form);
        Key {
            id: element(&made, "AccessKeyId"),
            secret: sigv4::SecretKey::new(&element(&made, "SecretAccessKey")),
            token: None,
        }
    }

    /// Puts `Effect` on everything into the user's one inline policy.
    fn put_policy(running: &Running, user: &str, effect: &str) {
        let policy = json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": effect, "Action": "*", "Resource": "*" }],
        });
        let form = [
            ("Action", "PutUserPolicy"),
            ("UserName", user),
            ("PolicyName", "p"),
            ("PolicyDocument", &policy.to_string()),
        ];
        running.call("iam", &form);
    }

    fn list_users(running: &Running, key: &Key) -> u16 {
        running.query(key, "iam", &[("Action", "ListUsers")]).status
    }

    /// A domain of this gateway's own, and the way to it.
    fn domain(running: &Running, name: &str) -> Client {
        let body = json!({ "DomainName": name, "EngineVersion": "Elasticsearch_7.10" }).to_string();
        let control = running.control("es");
        let path = "/2021-01-01/opensearch/domain";
        let made = control.signed(&running.developer(), "POST", path, body.as_bytes());
        assert_eq!(made.status, 200, "{}", made.text());
        assert!(running.eventually(|running| running.service().domains().contains_key(name)));
        Client { port: port(&running.service().domains()[name]), ..control }
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn the_key_that_gateways_share_is_changed_while_they_run() {
        let site = Site::new("gateways-rotate");
        let (key, late) = (site.folder.join("sealing.key"), site.folder.join("late.key"));
        std::fs::copy(&key, &late).unwrap();
        let (one, two) = site.two();
        let three = site.gateway("three", |options| {
            options.bare = true;
            options.settings.state.sealing_key_file = Some(late.clone());
        });
        create_user(&one, "ann");
        put_policy(&one, "ann", "Allow");
        let ann = new_key(&one, "ann");
        let session = one.assume("search-app");
        let rotate = || {
            let data = Some(site.folder.join("one"));
            let mut settings = server::Settings { data, ..server::Settings::default() };
            settings.state.url = PostgresUrl::read(&site.server.url("state"));
            settings.state.sealing_key_file = Some(key.clone());
            server::rotate_sealing_key(&settings, server::Clock::System.now()).unwrap()
        };
        let next = site.folder.join("sealing.key.next");
        assert_eq!(rotate(), RotatedKey::Prepared(next.clone()));
        let fresh = std::fs::read_to_string(&next).unwrap();
        assert!(matches!(rotate(), RotatedKey::Resealed(count) if count > 1));
        assert_eq!(std::fs::read_to_string(&key).unwrap(), fresh);
        assert!(!next.exists());
        for running in [&one, &two] {
            assert!(running.eventually(|running| create_user(running, "bob").status != 503));
            assert_eq!(list_users(running, &ann), 200, "an access key goes on as it was");
            let over = running.query(&session, "sts", &[("Action", "GetCallerIdentity")]);
            assert_eq!(over.status, 403, "{}", over.text());
        }
        // Whoever has not got the key changes nothing, and decides on what it knew, until it gets it.
        assert!(create_user(&three, "eve").status >= 500);
        assert_eq!(list_users(&three, &ann), 200);
        std::fs::write(site.folder.join("late.key.next"), fresh).unwrap();
        assert!(three.eventually(|three| create_user(three, "eve").status == 200));
        let four = site.gateway("four", |options| options.bare = true);
        assert_eq!(list_users(&four, &ann), 200);
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn a_change_at_one_gateway_holds_at_the_other_within_a_second() {
        let site = Site::new("gateways-bound");
        let (one, two) = site.two();
        create_user(&one, "ann");
        put_policy(&one, "ann", "Allow");
        let ann = new_key(&one, "ann");
        until_known(&one, &two);
        assert_eq!(list_users(&two, &ann), 200, "made at one, used at the other");
        let mut times = Vec::new();
        for round in 0..20 {
            let (effect, expected) = if round % 2 == 0 { ("Deny", 403) } else { ("Allow", 200) };
            put_policy(&one, "ann", effect);
            times.push(until_known(&one, &two));
            assert_eq!(list_users(&two, &ann), expected, "round {round}");
        }
        // A session, which is valid there with its token, and its end.
        let session = one.assume("search-app");
        times.push(until_known(&one, &two));
        let who = two.query(&session, "sts", &[("Action", "GetCallerIdentity")]);
        assert!(who.text().contains("assumed-role/search-app/test"), "{}", who.text());
        one.call(
            "iam",
            &[("Action", "DeleteAccessKey"), ("UserName", "ann"), ("AccessKeyId", &ann.id)],
        );
        times.push(until_known(&one, &two));
        let gone = two.query(&ann, "iam", &[("Action", "ListUsers")]);
        assert!(gone.text().contains("InvalidClientTokenId"), "{}", gone.text());
        times.sort_unstable();
        let (median, longest) = (times[times.len() / 2], times[times.len() - 1]);
        println!("{} changes: median {median:?}, longest {longest:?}", times.len());
        assert!(longest < BOUND, "{longest:?}");
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn without_its_notifications_a_change_still_holds_within_a_second() {
        let site = Site::new("gateways-deaf");
        let (one, two) = site.two();
        let mut operator = site.server.client("state");
        let deafen = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid()";
        let mut longest = Duration::ZERO;
        for round in 0..5 {
            let ended: i64 = operator.query_one(deafen, &[]).unwrap().get(0);
            assert!(ended <= 2, "{ended} listen");
            assert_eq!(create_user(&one, &format!("user{round}")).status, 200);
            longest = longest.max(until_known(&one, &two));
        }
        assert!(longest < BOUND, "{longest:?}");
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn both_gateways_know_one_root_and_write_its_key_down() {
        let site = Site::new("gateways-root");
        let (one, two) = site.two();
        let root = |running: &Running| running.service().keys.root.access_key_id.clone();
        assert_eq!(root(&one), root(&two));
        let file = |name: &str| {
            let text = std::fs::read_to_string(site.folder.join(name).join("root.env")).unwrap();
            let keys = text
                .lines()
                .filter(|line| line.contains("AWS_ACCESS_KEY_ID") || line.contains("AWS_SECRET"));
            keys.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(file("one"), file("two"));
        assert_eq!(file("one").len(), 2);
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn a_domain_belongs_to_the_gateway_that_made_it_and_any_gateway_changes_and_deletes_it() {
        let site = Site::new("gateways-domain");
        let (one, two) = site.two();
        let at_two = domain(&two, "twos");
        let developer = two.developer();
        assert_eq!(at_two.signed(&developer, "PUT", "/books/_doc/1", b"{}").status, 201);
        until_known(&two, &one);
        // Its policy is set at the one and asked at the other.
        let stranger = one.stranger();
        let read = |key: &Key| at_two.signed(key, "GET", "/books/_doc/1", b"").status;
        until_known(&one, &two);
        assert_eq!((read(&stranger), read(&developer)), (403, 200));
        let policy = json!({
            "Version": "2012-10-17",
            "Statement": [
                { "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::123456789012:role/stranger" },
                  "Action": "es:ESHttpGet", "Resource": "arn:aws:es:us-east-1:123456789012:domain/twos/*" },
            ],
        });
        let body = json!({ "AccessPolicies": policy.to_string() }).to_string();
        let control = one.control("es");
        let config = "/2021-01-01/opensearch/domain/twos/config";
        let set = control.signed(&one.developer(), "POST", config, body.as_bytes());
        assert_eq!(set.status, 200, "{}", set.text());
        until_known(&one, &two);
        assert_eq!(read(&stranger), 200);
        // Deleted at the one, its files go at the other.
        let folder = || {
            let path = site.folder.join("two/domains/123456789012/us-east-1");
            std::fs::read_dir(path).into_iter().flatten().flatten().count()
        };
        assert_eq!(folder(), 1);
        let target = "/2021-01-01/opensearch/domain/twos";
        assert_eq!(control.signed(&one.developer(), "DELETE", target, b"").status, 200);
        assert!(two.eventually(|_| folder() == 0));
        assert!(one.eventually(|one| !one.service().domains().contains_key("twos")));
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn a_gateway_that_has_not_a_domain_says_who_has() {
        let site = Site::new("gateways-elsewhere");
        let one = site.gateway("one", |_options| {});
        let port_of_dev = port(&one.service().domains()["dev"]);
        let id = std::fs::read_to_string(site.folder.join("one/gateway")).unwrap();
        one.stop();
        let two = site.gateway("two", |_options| {});
        let client = Client { port: port_of_dev, ..two.control("es") };
        for answer in [
            client.signed(&two.developer(), "GET", "/", b""),
            client.anonymous("GET", "/books/_search", b""),
        ] {
            assert_eq!(answer.status, 503, "{}", answer.text());
            let told = format!(
                "This domain's data is at another gateway ({id}): send the request there, or again."
            );
            assert_eq!(answer.json(), json!({ "message": told }));
            assert_eq!(two.record(&answer).refusal_kind.as_deref(), Some("elsewhere"));
        }
        let ask = |path: &str| two.control("es").signed(&two.developer(), "GET", path, b"");
        let history = ask("/_countersign/metrics/history").json();
        let own = std::fs::read_to_string(site.folder.join("two/gateway")).unwrap();
        assert_eq!(
            (&history["gateway"], &history["elsewhere"]),
            (&json!(own), &json!([{"name": "dev", "region": "us-east-1", "gateway": id}]))
        );
        let named = |it: &serde_json::Value| it["name"] == "dev";
        assert!(!history["domains"].as_array().unwrap().iter().any(named), "{history:#}");
        let answer = ask("/_countersign/domains/dev/who-can?index=books");
        assert_eq!(answer.status, 409, "{}", answer.text());
        assert!(answer.text().contains(&id), "{}", answer.text());
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn any_gateway_tells_what_all_of_them_counted() {
        let site = Site::new("gateways-hour");
        let quick = |options: &mut StartOptions| {
            options.times.metrics_minute = Duration::from_millis(500);
            options.times.gateway_news = Duration::from_millis(50);
        };
        let one = site.gateway("one", quick);
        let two = site.gateway("two", quick);
        let names = ["one", "two"]
            .map(|name| std::fs::read_to_string(site.folder.join(name).join("gateway")).unwrap());
        let (at_one, key) = (domain(&one, "books"), two.developer());
        for _ in 0..3 {
            at_one.signed(&one.developer(), "GET", "/", b"");
        }
        let ask = |running: &Running, of: &str| {
            let target = format!("/_countersign/metrics/history?of={of}");
            running.control("es").signed(&key, "GET", &target, b"")
        };
        let sum = |of: &serde_json::Value| -> u64 {
            let minutes = of["minutes"].as_array().into_iter().flatten();
            minutes.filter_map(|minute| minute["requests"].as_u64()).sum()
        };
        let books = |told: &serde_json::Value| {
            let domains = told["domains"].as_array().into_iter().flatten();
            domains.filter(|it| it["name"] == "books").map(&sum).sum::<u64>()
        };
        // The domain is at the one gateway, and both tell of it and of each other.
        for gateway in [&one, &two] {
            assert!(gateway.eventually(|it| {
                let told = ask(it, "all").json();
                let gateways = told["gateways"].as_array().map_or(0, Vec::len);
                books(&told) == 3 && gateways == 2
            }));
        }
        let told = ask(&two, "all").json();
        assert_eq!((&told["complete"], &told["elsewhere"]), (&json!(true), &json!([])));
        let gateways = told["gateways"].as_array().unwrap();
        let mut listed: Vec<&str> = gateways.iter().filter_map(|it| it["name"].as_str()).collect();
        listed.sort_unstable();
        let mut expected: Vec<&str> = names.iter().map(String::as_str).collect();
        expected.sort_unstable();
        assert_eq!(listed, expected);
        let of_one = ask(&two, &names[0]).json();
        assert_eq!(books(&of_one), 3);
        assert!(of_one["service"]["minutes"][0]["diskBytes"].as_u64() > Some(0), "{of_one:#}");
        assert_eq!(books(&ask(&two, &names[1]).json()), 0);
        assert_eq!(ask(&two, "gw-0").status, 404);
        // What a gateway told outlives it, also at one that starts later.
        one.stop();
        assert_eq!(books(&ask(&two, "all").json()), 3);
        let three = site.gateway("three", |options| {
            options.bare = true;
            quick(options);
        });
        assert!(three.eventually(|three| books(&ask(three, "all").json()) == 3));
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn who_asks_a_gateway_about_a_request_that_another_answered_is_told_which() {
        let site = Site::new("gateways-explain");
        let (one, two) = site.two();
        let at_one = domain(&one, "ones");
        let denied = at_one.signed(&one.stranger(), "GET", "/books/_search", b"");
        assert_eq!(denied.status, 403, "{}", denied.text());
        one.record(&denied);
        let id = denied.request_id();
        let name = std::fs::read_to_string(site.folder.join("one/gateway")).unwrap();
        let ask = |running: &Running, api: &str, target: String| {
            running.control(api).signed(&running.developer(), "GET", &target, b"")
        };
        let explain = |running: &Running, id: &str| {
            ask(running, "es", format!("/_countersign/explain/{id}?format=json"))
        };
        assert_eq!(explain(&one, &id).status, 200);
        // Once it has heard that there is such a gateway.
        assert!(two.eventually(|two| explain(two, &id).text().contains(&name)));
        let told = explain(&two, &id);
        let elsewhere = format!(
            "no request {id} is on record here: gateway {name} answered it, and has its record"
        );
        assert_eq!((told.status, told.json()), (404, json!({ "message": elsewhere })));
        let details = format!("/authorization-details/{}", id.replace('-', ""));
        let told = ask(&two, "iam", details.clone());
        let elsewhere = format!(
            "The requested policy or authorization details do not exist or have expired. \
             Gateway {name} answered the request, and has its record."
        );
        assert_eq!((told.status, told.json()), (404, json!({ "message": elsewhere })));
        assert_eq!(ask(&one, "iam", details).status, 200);
        // An id of nobody's, and one of its own that is not there.
        let nobodys = "00000000-0000-4000-8000-00000000";
        let told = explain(&two, &format!("{nobodys}0000")).json();
        let each = format!(
            "no request {nobodys}0000 is on record at this gateway, and each has records of its own"
        );
        assert_eq!(told, json!({ "message": each }));
        let answered = ask(&two, "es", "/_countersign/settings".to_owned()).request_id();
        let missing = format!("{nobodys}{}", answered.split_at(32).1);
        let told = explain(&two, &missing).json();
        assert_eq!(told, json!({ "message": format!("no request {missing} is on record") }));
    }

    /// Waits until nobody listens at this port any more.
    fn until_closed(running: &Running, port: u16) {
        assert!(running.eventually(|_| std::net::TcpStream::connect(("127.0.0.1", port)).is_err()));
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn a_domain_from_before_there_were_several_goes_with_the_gateway_whose_folder_has_it() {
        let site = Site::new("gateways-before");
        let one = site.gateway("one", |_options| {});
        let port_of_dev = port(&one.service().domains()["dev"]);
        one.stop();
        let without = "UPDATE countersign.records SET body = (body::jsonb #- '{Domain,gateway}')::text WHERE kind = 'domain'";
        assert_eq!(site.server.client("state").execute(without, &[]).unwrap(), 1);
        let folder = || {
            let path = site.folder.join("one/domains/123456789012/us-east-1");
            std::fs::read_dir(path).into_iter().flatten().flatten().count()
        };
        let two = site.gateway("two", |_options| {});
        let target = "/2021-01-01/opensearch/domain/dev";
        let deleted = two.control("es").signed(&two.developer(), "DELETE", target, b"");
        assert_eq!(deleted.status, 200, "{}", deleted.text());
        until_closed(&two, port_of_dev);
        assert_eq!(folder(), 1);
        let one = site.gateway("one", |options| options.bare = true);
        assert!(one.eventually(|_| folder() == 0));
        assert!(two.eventually(|two| !two.service().domains().contains_key("dev")));
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn a_domain_that_is_gone_leaves_no_listener_at_another_gateway() {
        let site = Site::new("gateways-gone");
        let one = site.gateway("one", |_options| {});
        let port_of_dev = port(&one.service().domains()["dev"]);
        one.stop();
        let two = site.gateway("two", |_options| {});
        let client = Client { port: port_of_dev, ..two.control("es") };
        assert_eq!(client.anonymous("GET", "/", b"").status, 503);
        // As its gateway does it, faster than anybody looks.
        let let_go = "DELETE FROM countersign.records WHERE kind = 'domain'; \
                      UPDATE countersign.meta SET value = value + 1 WHERE name = 'version'";
        site.server.client("state").batch_execute(let_go).unwrap();
        until_closed(&two, port_of_dev);
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn h3_without_its_database_a_gateway_decides_on_what_it_knows_and_changes_nothing() {
        let mut site = Site::new("gateways-lost");
        let one = site.gateway("one", |_options| {});
        let (dev, developer, stranger) = (one.domain(), one.developer(), one.stranger());
        assert_eq!(dev.signed(&developer, "PUT", "/books/_doc/1", b"{}").status, 201);
        site.server.stop();
        let read = |key: &Key| dev.signed(key, "GET", "/books/_doc/1", b"").status;
        assert_eq!((read(&developer), read(&stranger)), (200, 403));
        assert_eq!(
            dev.signed(&developer, "PUT", "/books/_doc/2", b"{}").status,
            201,
            "documents are not in it"
        );
        assert_eq!(list_users(&one, &developer), 200);
        let refused = create_user(&one, "eve");
        assert_eq!(refused.status, 503, "{}", refused.text());
        assert!(refused.text().contains("<Code>ServiceUnavailable</Code><Message>The change was not made: the service cannot reach the database of its state. Try again later.</Message>"), "{}", refused.text());
        let body = json!({ "DomainName": "more" }).to_string();
        let refused = one.control("es").signed(
            &developer,
            "POST",
            "/2021-01-01/opensearch/domain",
            body.as_bytes(),
        );
        assert_eq!(
            (refused.status, refused.header("x-amzn-errortype")),
            (500, Some("InternalException")),
            "{}",
            refused.text()
        );
        assert!(!refused.text().contains("postgres"), "{}", refused.text());
        let ready = |one: &Running| admin(one, "GET /readyz HTTP/1.1");
        assert!(one.eventually(|one| ready(one).contains("missing: the state, last read ")));
        assert!(
            ready(&one).starts_with("HTTP/1.1 200 ") && ready(&one).contains("changes are refused"),
            "{}",
            ready(&one)
        );
        assert!(admin(&one, "GET /metrics HTTP/1.1").contains("\ncountersign_state_up 0\n"));
        site.server.start_again();
        assert!(one.eventually(|one| create_user(one, "eve").status == 200));
        assert!(one.eventually(|one| ready(one).ends_with("\r\nready\n")));
        assert!(admin(&one, "GET /metrics HTTP/1.1").contains("\ncountersign_state_up 1\n"));
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn h2_a_gateway_without_its_database_for_too_long_refuses_everything_until_it_has_it_again() {
        let mut site = Site::new("gateways-stale");
        let one = site.gateway("one", |options| options.settings.state.stale_for = 1);
        let (dev, developer) = (one.domain(), one.developer());
        assert_eq!(dev.signed(&developer, "GET", "/", b"").status, 200);
        site.server.stop();
        let told = "The request was not carried out: the service has not reached the database of its state for too long.";
        assert!(one.eventually(|_| dev.signed(&developer, "GET", "/", b"").status == 503));
        let refused = dev.signed(&developer, "GET", "/", b"");
        assert_eq!(refused.json(), json!({ "message": told }));
        assert_eq!(one.record(&refused).refusal_kind.as_deref(), Some("stale"));
        assert_eq!(dev.anonymous("GET", "/", b"").status, 503, "who is nobody is refused, too");
        let basic = [("authorization".to_owned(), "Basic YW5uOnNlY3JldA==".to_owned())];
        assert_eq!(dev.send("GET", "/", &basic, b"").status, 503, "and no password is looked at");
        let refused = one.query(&developer, "sts", &[("Action", "GetCallerIdentity")]);
        assert_eq!(refused.status, 503);
        assert!(
            refused.text().contains("<Code>ServiceUnavailable</Code>")
                && refused.text().contains(told),
            "{}",
            refused.text()
        );
        let refused = one.control("es").signed(&developer, "GET", "/2021-01-01/domain", b"");
        assert_eq!(
            (refused.status, refused.header("x-amzn-errortype")),
            (503, Some("ServiceUnavailableException"))
        );
        let ready = admin(&one, "GET /readyz HTTP/1.1");
        assert!(
            ready.starts_with("HTTP/1.1 503 ") && ready.contains("everything is refused"),
            "{ready}"
        );
        assert!(admin(&one, "GET /healthz HTTP/1.1").starts_with("HTTP/1.1 200 "), "it is alive");
        site.server.start_again();
        assert!(one.eventually(|_| dev.signed(&developer, "GET", "/", b"").status == 200));
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn h3_a_database_that_restarts_under_load_loses_nothing_that_was_acknowledged() {
        let mut site = Site::new("gateways-load");
        let (one, two) = site.two();
        let done = AtomicBool::new(false);
        let (acknowledged, refused) = std::thread::scope(|scope| {
            let load = |running, name| {
                let done = &done;
                scope.spawn(move || {
                    let (mut good, mut bad) = (Vec::new(), 0);
                    for number in 0.. {
                        if done.load(Ordering::Acquire) {
                            break;
                        }
                        let user = format!("{name}{number}");
                        match create_user(running, &user).status {
                            200 => good.push(user),
                            503 => bad += 1,
                            other => panic!("{user}: {other}"),
                        }
                    }
                    (good, bad)
                })
            };
            let (at_one, at_two) = (load(&one, "a"), load(&two, "b"));
            for _ in 0..2 {
                let grown = |by: u64| {
                    let from = version(&one);
                    assert!(one.eventually(|one| version(one) >= from + by));
                };
                grown(10);
                site.server.stop();
                site.server.start_again();
                grown(10);
            }
            done.store(true, Ordering::Release);
            let (mut good, bad) = at_one.join().unwrap();
            let (more, worse) = at_two.join().unwrap();
            good.extend(more);
            (good, bad + worse)
        });
        println!("{} acknowledged, {refused} refused", acknowledged.len());
        assert!(refused > 0 && acknowledged.len() >= 40);
        let three = site.gateway("three", |options| {
            // The everyday user has as many keys as a user may have.
            (options.bare, options.everyday) = (true, false);
        });
        let directory = three.service().state().control.directory();
        for user in &acknowledged {
            assert!(directory.user("123456789012", user).is_some(), "{user} was acknowledged");
        }
    }
}
