//! Answers that are written where hyper is not: under it, in the place of one of its own, and before TLS.

use http::StatusCode;

/// The bytes of an HTTP/1.1 answer in JSON, after which the connection closes. `more`: headers before the ones that it
/// has anyway. The answer to HEAD says its length and has no content (RFC 9110, section 9.3.2).
#[must_use]
pub(crate) fn bytes(status: u16, more: &[(&str, &str)], body: &str, to_head: bool) -> Vec<u8> {
    let reason = StatusCode::from_u16(status).ok().and_then(|code| code.canonical_reason());
    let length = body.len().to_string();
    let own = [
        ("content-type", "application/json"),
        ("content-length", length.as_str()),
        ("connection", "close"),
    ];
    let mut answer = format!("HTTP/1.1 {status} {}\r\n", reason.unwrap_or("Bad Request"));
    for (name, value) in more.iter().chain(&own) {
        answer.extend([name, ": ", value, "\r\n"]);
    }
    answer.push_str("\r\n");
    if !to_head {
        answer.push_str(body);
    }
    answer.into_bytes()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn an_answer_has_the_headers_that_were_asked_for_first_and_closes() {
        let answer =
            bytes(431, &[("x-amzn-requestid", "id")], "{\"message\":\"too large\"}", false);
        let answer = String::from_utf8(answer).unwrap().replace("\r\n", "\n");
        expect![[r#"
            HTTP/1.1 431 Request Header Fields Too Large
            x-amzn-requestid: id
            content-type: application/json
            content-length: 23
            connection: close

            {"message":"too large"}"#]]
        .assert_eq(&answer);
    }

    #[test]
    fn the_answer_to_head_says_its_length_and_has_no_content() {
        let answer = String::from_utf8(bytes(400, &[], "{\"message\":\"no\"}", true)).unwrap();
        assert!(answer.contains("content-length: 16\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    }
}
