// What the examples of the documentation talk to: it takes every `_bulk`, and finds two books.

/// The URL of an endpoint on loopback that lives as long as the program.
fn doc_endpoint() -> String {
    use std::io::{BufRead, BufReader, Read, Write};

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream);
            loop {
                let (mut line, mut length) = (String::new(), 0);
                if !matches!(reader.read_line(&mut line), Ok(1..)) {
                    break;
                }
                loop {
                    let mut header = String::new();
                    reader.read_line(&mut header).unwrap();
                    match header.trim_end().split_once(": ") {
                        Some(("content-length", value)) => length = value.parse().unwrap(),
                        Some(_) => {}
                        None => break,
                    }
                }
                reader.read_exact(&mut vec![0; length]).unwrap();
                let hit = |id: &str, title: &str| {
                    format!(r#"{{"_index":"books","_id":"{id}","_score":1.0,"_source":{{"title":"{title}"}}}}"#)
                };
                let hits = [hit("1", "The Rust book"), hit("2", "Programming Rust")].join(",");
                let body = match line.contains("_bulk") {
                    true => r#"{"took":1,"errors":false,"items":[]}"#.to_owned(),
                    false => format!(r#"{{"hits":{{"total":{{"value":2}},"hits":[{hits}]}}}}"#),
                };
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                reader.get_mut().write_all((head + &body).as_bytes()).unwrap();
            }
        }
    });
    url
}
