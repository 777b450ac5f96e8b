//! Documents that are parents and children of each other by a join field.

mod aggregations;
mod mapping;
mod queries;

use serde_json::json;

use crate::cases::Setup;

/// Questions with answers and comments, votes on the answers, and a document without any of that.
pub(crate) fn forum() -> Setup {
    Setup::index(
        "forum",
        json!({"mappings": {"properties": {
            "j": {"type": "join", "relations": {"question": ["answer", "comment"], "answer": "vote"}},
            "text": {"type": "text"},
            "n": {"type": "long"},
            "tag": {"type": "keyword"}
        }}}),
        json!([]),
    )
    .and_then("POST /forum/_bulk?refresh=true&routing=r", json!([
        {"index": {"_id": "1"}}, {"j": "question", "text": "one question", "tag": "x"},
        {"index": {"_id": "2"}}, {"j": {"name": "question"}, "text": "two question question", "tag": "y"},
        {"index": {"_id": "3"}}, {"j": {"name": "answer", "parent": "1"}, "text": "first answer", "n": 1},
        {"index": {"_id": "4"}}, {"j": {"name": "answer", "parent": 1}, "text": "second answer answer", "n": 2},
        {"index": {"_id": "5"}}, {"j": {"name": "answer", "parent": "2"}, "text": "third answer", "n": 3},
        {"index": {"_id": "6"}}, {"j": {"name": "comment", "parent": "1"}, "text": "a comment", "n": 4},
        {"index": {"_id": "7"}}, {"j": {"name": "vote", "parent": "3"}, "n": 5},
        {"index": {"_id": "8"}}, {"text": "no join answer", "n": 9},
        {"index": {"_id": "9"}}, {"j": {"name": "question"}, "text": "lonely question", "tag": "x"}
    ]))
    .and_then("POST /forum/_bulk?refresh=true&routing=r", json!([
        {"index": {"_id": "10"}}, {"j": {"name": "answer", "parent": "2"}, "text": "late answer", "n": 7},
        {"index": {"_id": "11"}}, {"j": {"name": "vote", "parent": "10"}, "n": 1},
        {"index": {"_id": "12"}}, {"j": {"name": "comment", "parent": "9"}, "text": "another comment", "n": 2}
    ]))
}
