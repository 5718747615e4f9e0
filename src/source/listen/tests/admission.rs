//! Senders with the token are admitted; all others get an error, in every protocol.

use super::grpc::{Raw, TRACES};
use super::*;
use reqwest::{Method, Response};
use tonic::transport::Channel;
use tonic::{Code, Status};

const TOKEN: &str = "canary7f3a9canary7f3a9";

fn guarded() -> config::Listen {
    let (token, api_key_header) = (TOKEN.to_owned().into(), "X-Api-Key".to_owned());
    config::Listen { token, api_key_header, ..config::Listen::default() }
}

async fn guarded_listening() -> Listening {
    listening_with(guarded(), Limits::default()).await
}

async fn call_with(listening: &Listening, name: &'static str, value: &str) -> Result<(), Status> {
    let channel = Channel::from_shared(listening.grpc.clone()).unwrap().connect().await.unwrap();
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await.unwrap();
    let mut request = tonic::Request::new(traces(&["g"]));
    request.metadata_mut().insert(name, value.parse().unwrap());
    client.unary(request, TRACES.parse().unwrap(), Raw).await.map(drop)
}

async fn text(response: Response) -> String {
    String::from_utf8_lossy(&response.bytes().await.unwrap()).into_owned()
}

#[tokio::test]
async fn http_accepts_the_token() {
    let mut listening = guarded_listening().await;
    let bearer = format!("Bearer {TOKEN}");
    for (name, value) in [("authorization", bearer.as_str()), ("x-api-key", TOKEN)] {
        let headers = [("content-type", PROTOBUF), (name, value)];
        assert_eq!(listening.post_with("/v1/traces", &headers, traces(&["h"])).await.status(), 200);
    }
    assert_eq!(listening.came(), ["h", "h"]);
}

#[tokio::test]
async fn grpc_accepts_the_token() {
    let mut listening = guarded_listening().await;
    call_with(&listening, "authorization", &format!("Bearer {TOKEN}")).await.unwrap();
    call_with(&listening, "x-api-key", TOKEN).await.unwrap();
    assert_eq!(listening.came(), ["g", "g"]);
}

#[tokio::test]
async fn without_the_token_http_answers_401() {
    let mut listening = guarded_listening().await;
    for (content_type, body) in [(PROTOBUF, traces(&["a"])), (JSON, http::JSON_SPAN.into())] {
        for shown in [None, Some("Bearer presented"), Some("Basic presented")] {
            let mut headers = vec![("content-type", content_type)];
            headers.extend(shown.map(|value| ("authorization", value)));
            let response = listening.post_with("/v1/traces", &headers, body.clone()).await;
            assert_eq!(response.status(), 401);
            assert_eq!(response.headers()["www-authenticate"], "Bearer");
            assert_eq!(response.headers()["content-type"], content_type);
            let body = text(response).await;
            assert!(body.contains("authorization: Bearer TOKEN, or x-api-key: TOKEN"), "{body}");
            assert_eq!(body.starts_with('{') && body.contains("\"code\":16"), content_type == JSON, "{body}");
            assert!(!body.contains("presented") && !body.contains("canary"), "{body}");
        }
    }
    assert!(listening.came().is_empty());
}

#[tokio::test]
async fn without_the_token_grpc_answers_unauthenticated() {
    let mut listening = guarded_listening().await;
    for (name, value) in [("x-other", TOKEN), ("authorization", "Bearer presented"), ("x-api-key", "presented")] {
        let status = call_with(&listening, name, value).await.unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated);
        assert!(status.message().contains("Bearer TOKEN") && !status.message().contains("presented"), "{status:?}");
    }
    assert!(listening.came().is_empty());
}

#[tokio::test]
async fn a_wrong_token_is_reported_but_not_shown() {
    let listening = guarded_listening().await;
    let mut events = listening.provider.events();
    for count in 1..=20 {
        let headers = [("content-type", PROTOBUF), ("authorization", "Bearer presented")];
        assert_eq!(listening.post_with("/v1/traces", &headers, traces(&["a"])).await.status(), 401);
        let rejection = listening.rejection();
        assert_eq!((rejection.count, listening.counts().rejected), (count, count));
        assert!(rejection.reason.starts_with("POST /v1/traces from 127.0.0.1:"), "{}", rejection.reason);
        assert!(rejection.reason.contains("the token is wrong"), "{}", rejection.reason);
        assert!(!rejection.reason.contains("presented") && !rejection.reason.contains("canary"));
    }
    let mut count = 0;
    while events.try_recv().is_ok() {
        count += 1;
    }
    assert!(count < 10, "{count} events");
}

#[tokio::test]
async fn a_preflight_needs_no_token_but_the_request_does() {
    let mut listening = guarded_listening().await;
    let page = ("origin", "http://localhost:3000");
    let question = client().request(Method::OPTIONS, format!("{}/v1/traces", listening.http));
    let question = question.header(page.0, page.1).header("access-control-request-method", "POST");
    let answer = question.header("access-control-request-headers", "authorization").send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["access-control-allow-headers"]),
        (204, &"authorization".parse().unwrap())
    );
    let refused = listening.post_with("/v1/traces", &[("content-type", PROTOBUF), page], traces(&["a"])).await;
    assert_eq!((refused.status().as_u16(), refused.headers().contains_key("access-control-allow-origin")), (401, true));
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("content-type", PROTOBUF), page, ("authorization", &bearer)];
    assert_eq!(listening.post_with("/v1/traces", &headers, traces(&["b"])).await.status(), 200);
    assert_eq!(listening.came(), ["b"]);
}

#[tokio::test]
async fn the_token_does_not_admit_foreign_hosts() {
    let settings = config::Listen { hosts: vec!["gateway.example".into()], ..guarded() };
    let listening = listening_with(settings, Limits::default()).await;
    let bearer = format!("Bearer {TOKEN}");
    let shown = [("content-type", PROTOBUF), ("authorization", bearer.as_str())];
    for (more, status) in
        [(("host", "evil.example"), 403), (("origin", "https://evil.example"), 403), (("host", "gateway.example"), 200)]
    {
        let headers = [&shown[..], &[more]].concat();
        assert_eq!(listening.post_with("/v1/traces", &headers, traces(&["a"])).await.status(), status, "{more:?}");
    }
    let foreign = [("content-type", PROTOBUF), ("host", "evil.example")];
    assert_eq!(listening.post_with("/v1/traces", &foreign, traces(&["a"])).await.status(), 403);
}

#[tokio::test]
async fn an_address_open_to_the_network_is_reported() {
    for (settings, is_reported) in [(config::Listen::default(), true), (guarded(), false)] {
        let (intake, _reader) = Intake::new(Limits::default());
        let settings = Settings { listen: Arc::new(settings), ..Settings::default() };
        let provider = Provider::new(settings, intake, tokio::runtime::Handle::current());
        let mut events = provider.events();
        provider.connect_to(SourceSpec::listen("", "0.0.0.0:0"), None).unwrap();
        settled(&provider, ConnectionState::Active).await;
        // Any warning about the address is reported right after it is bound.
        provider.disconnect_all();
        settled(&provider, ConnectionState::Disconnected).await;
        let mut events_text = String::new();
        while let Ok(event) = events.try_recv() {
            events_text += &format!("{event:?}");
        }
        assert_eq!(events_text.contains("open to the network"), is_reported, "{events_text}");
    }
}
