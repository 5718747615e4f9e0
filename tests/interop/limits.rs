//! Requests that the gRPC receiver must refuse, sent by the real gRPC library.

use crate::otail::Otail;
use serde_json::Value;

#[test]
fn a_grpc_message_has_at_most_64_mib() {
    let otail = Otail::tail(&["-o", "json", "listen://127.0.0.1?grpc=0&http=0"]);
    let (grpc, _) = otail.addresses();
    let output = crate::python("limits.py").arg(grpc.to_string()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers: Value = serde_json::from_slice(&output.stdout).unwrap();
    for (case, expected) in [
        // otail reads it; it contains no known field.
        ("limit", &["partial"][..]),
        ("limit, gzip", &["partial"]),
        ("over", &["RESOURCE_EXHAUSTED"]),
        ("over, gzip", &["RESOURCE_EXHAUSTED"]),
        ("bomb, gzip", &["RESOURCE_EXHAUSTED"]),
        ("nested", &["partial", "INVALID_ARGUMENT"]),
        ("garbage", &["INVALID_ARGUMENT"]),
        ("empty", &["OK"]),
    ] {
        assert!(answers[case].as_str().is_some_and(|answer| expected.contains(&answer)), "{case}: {answers:#}");
    }
    assert_eq!(otail.stop().code, Some(143));
}
