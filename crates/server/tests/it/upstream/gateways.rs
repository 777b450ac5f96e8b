//! Cursors of a cluster through any of several gateways (decision 0187).

mod on_postgres {
    use std::path::PathBuf;

    use control::PostgresUrl;
    use serde_json::{Value, json};
    use server::{PoolSettings, StartOptions};

    use super::super::stub::{Received, Stub, Told};
    use super::super::{ARN, Gate};
    use crate::client::{Answer, Client, Key};
    use crate::postgres_server::PostgresServer;
    use crate::service::{Running, scratch};

    /// Two gateways over one database, before one cluster.
    struct Site {
        one: Gate,
        two: Gate,
        _place: Place,
    }

    /// A database, and a folder with the sealing key that all gateways of a test share.
    struct Place {
        folder: PathBuf,
        server: PostgresServer,
    }

    impl Place {
        fn new(name: &str) -> Self {
            let folder = scratch(name);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("sealing.key"), "07".repeat(32)).unwrap();
            let server = PostgresServer::start();
            server.database("state");
            Self { folder, server }
        }

        fn gateway(
            &self,
            name: &str,
            address: &str,
            edit: impl FnOnce(&mut StartOptions),
        ) -> Running {
            Running::start_with(Some(self.folder.join(name)), |options| {
                options.settings.domains.listen = address.parse().unwrap();
                let state = &mut options.settings.state;
                state.url = PostgresUrl::read(&self.server.url("state"));
                state.sealing_key_file = Some(self.folder.join("sealing.key"));
                edit(options);
            })
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.folder).ok();
        }
    }

    /// The domain `dev` is the cluster's.
    fn serve(options: &mut StartOptions, stub: &Stub) {
        let pool = PoolSettings::new(ARN.to_owned(), vec![stub.url()]);
        options.settings.pools = [("main".to_owned(), pool)].into();
    }

    impl Site {
        fn before(name: &str, stub: &Stub) -> Self {
            let place = Place::new(name);
            let one = place.gateway("one", "127.0.0.1", |options| serve(options, stub));
            let two = place.gateway("two", "127.0.0.2", |options| serve(options, stub));
            let one = Gate { domain: one.domain(), running: one };
            // The same domain at the same port of another address.
            let domain = Client::new(one.domain.port, &two.ca());
            let domain = Client { address: "127.0.0.2", ..domain };
            let two = Gate { domain, running: two };
            Self { one, two, _place: place }
        }

        /// Waits until the second gateway knows what the first knows.
        fn settle(&self) {
            let version =
                |gate: &Gate| gate.running.service().state().control.directory().version();
            let there = version(&self.one);
            assert!(self.two.running.eventually(|_| version(&self.two) >= there));
        }
    }

    /// A cluster whose names of a cursor are other ones after each page.
    fn turning(request: &Received) -> Told {
        let page = json!({"took": 1, "hits": {"hits": []}}).to_string();
        let named = |key: &str, name: &str| {
            format!("{{\"{key}\":\"{name}\",{}", page.trim_start_matches('{'))
        };
        let next = request.body.matches("theirs-").count() > 0;
        let turned = format!("theirs-{}", if request.body.contains("theirs-2") { 3 } else { 2 });
        let text = if request.line.starts_with("DELETE") {
            json!({"succeeded": true, "num_freed": 1}).to_string()
        } else if request.line.contains("/_search/scroll") {
            named("_scroll_id", &turned)
        } else if request.line.contains("point_in_time") {
            named("pit_id", "theirs-1")
        } else if next {
            named("pit_id", &turned)
        } else {
            named("_scroll_id", "theirs-1")
        };
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
        Told::Bytes(format!("{head}\r\ncontent-length: {}\r\n\r\n{text}", text.len()).into())
    }

    fn id(answer: &Answer, key: &str) -> String {
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(!answer.text().contains("theirs"), "{}", answer.text());
        answer.json()[key].as_str().unwrap_or_else(|| panic!("{}", answer.text())).to_owned()
    }

    fn page(gate: &Gate, key: &Key, id: &str) -> Answer {
        let body = json!({"scroll_id": id, "scroll": "1m"}).to_string();
        gate.domain.signed(key, "POST", "/_search/scroll", body.as_bytes())
    }

    fn open(gate: &Gate, key: &Key) -> String {
        id(&gate.domain.signed(key, "GET", "/open/_search?scroll=1m", b""), "_scroll_id")
    }

    fn asked(stub: &Stub) -> Vec<Value> {
        let bodies = stub.received().into_iter().filter(|it| it.body.contains("theirs"));
        bodies.map(|request| serde_json::from_str(&request.body).unwrap()).collect()
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn a_scroll_that_one_gateway_opened_goes_on_at_another_and_back_for_its_owner_alone() {
        let stub = Stub::start(turning);
        let site = Site::before("cursors-scroll", &stub);
        let reader = site.one.user("reader", &["open/*", "_search/scroll"]);
        let other = site.one.user("other", &["*"]);
        site.settle();
        let first = open(&site.one, &reader);
        let stolen = page(&site.two, &other, &first);
        assert_eq!(stolen.status, 404, "{}", stolen.text());
        let second = id(&page(&site.two, &reader, &first), "_scroll_id");
        let third = id(&page(&site.one, &reader, &second), "_scroll_id");
        let names: Vec<Value> = asked(&stub).iter().map(|it| it["scroll_id"].clone()).collect();
        assert_eq!(names, ["theirs-1", "theirs-2"]);
        // Closed at the one that did not give the name.
        let body = json!({"scroll_id": third}).to_string();
        let closed = site.two.domain.signed(&reader, "DELETE", "/_search/scroll", body.as_bytes());
        assert_eq!(closed.json()["num_freed"], 1, "{}", closed.text());
        for name in [&first, &second, &third] {
            assert_eq!(page(&site.two, &reader, name).status, 404);
        }
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn a_point_in_time_is_searched_through_either_gateway() {
        let stub = Stub::start(turning);
        let site = Site::before("cursors-pit", &stub);
        let key = site.one.running.developer();
        let path = "/open/_search/point_in_time?keep_alive=1m";
        let opened = id(&site.one.domain.signed(&key, "POST", path, b""), "pit_id");
        let search = |gate: &Gate, id: &str| {
            let body = json!({"pit": {"id": id, "keep_alive": "1m"}}).to_string();
            gate.domain.signed(&key, "POST", "/_search", body.as_bytes())
        };
        let second = id(&search(&site.two, &opened), "pit_id");
        id(&search(&site.one, &second), "pit_id");
        // The older name goes on, too: searches of one point in time run beside each other.
        id(&search(&site.two, &opened), "pit_id");
        assert_eq!(asked(&stub).len(), 3);
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn a_cursor_ends_at_every_gateway_with_the_right_to_it_and_counts_where_it_is_read() {
        let stub = Stub::start(turning);
        let site = Site::before("cursors-right", &stub);
        let reader = site.one.user("reader", &["open/*", "_search/scroll"]);
        site.settle();
        let first = open(&site.one, &reader);
        let second = id(&page(&site.two, &reader, &first), "_scroll_id");
        let narrow = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": "es:ESHttp*", "Resource": format!("{ARN}/_search/scroll")}]});
        let form = |policy: &str| {
            let policy = policy.to_owned();
            let form = [("Action", "PutUserPolicy"), ("UserName", "reader"), ("PolicyName", "p")];
            site.one.running.call("iam", &[&form[..], &[("PolicyDocument", &policy)]].concat());
            site.settle();
        };
        form(&narrow.to_string());
        for gate in [&site.one, &site.two] {
            let refused = page(gate, &reader, &second);
            assert_eq!(refused.status, 403, "{}", refused.text());
        }
        // It does not come back with the right.
        let wide = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": "es:ESHttp*", "Resource": [format!("{ARN}/*")]}]});
        form(&wide.to_string());
        for gate in [&site.one, &site.two] {
            let gone = page(gate, &reader, &second);
            assert_eq!(gone.status, 404, "{}", gone.text());
        }
        // Each gateway closes it at the cluster, by the newest name that it knows.
        assert!(site.one.running.eventually(|_| asked(&stub).len() == 3), "{:?}", asked(&stub));
        let closed: Vec<Value> =
            asked(&stub).into_iter().map(|it| it["scroll_id"].clone()).skip(1).collect();
        assert_eq!(closed, [json!(["theirs-2"]), json!(["theirs-2"])]);
        assert_eq!(stub.lines().iter().filter(|it| it.starts_with("DELETE")).count(), 2);
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn a_gateway_that_does_not_serve_an_attached_domain_tells_of_its_nodes_as_the_one_that_does() {
        let stub = Stub::start(turning);
        let place = Place::new("attached-elsewhere");
        let _one = place.gateway("one", "127.0.0.1", |options| serve(options, &stub));
        let two = place.gateway("two", "127.0.0.2", |_options| {});
        let nodes = |running: &Running| {
            let path = "/2021-01-01/opensearch/domain/dev/nodes";
            let told = running.control("es").signed(&running.developer(), "GET", path, b"");
            assert_eq!(told.status, 200, "{}", told.text());
            told.json()["DomainNodesStatusList"].clone()
        };
        let of_the_cluster = |told: &Value| {
            told.as_array().is_some_and(|it| it.len() == 1 && it[0]["NodeStatus"] == "Active")
        };
        assert!(two.eventually(|two| of_the_cluster(&nodes(two))), "{}", nodes(&two));
        assert_eq!(nodes(&two)[0]["NodeId"], "stub-1");
    }
}
