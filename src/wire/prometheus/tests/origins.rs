//! Resource and scope.

use super::super::{Dialect, Scraper, Target};
use super::{NOW, good_text, plain, points, read, target};
use crate::wire::{Decoded, Limits};

fn resources(decoded: &Decoded) -> Vec<String> {
    let list = |point: super::PointItem<'_>| {
        let dictionary = point.dictionary;
        let resource = dictionary.resource(point.origin());
        let pairs = dictionary.attributes(resource.attributes);
        pairs.map(|(name, value)| format!("{name}={}", plain(value))).collect::<Vec<_>>().join(" ")
    };
    points(&decoded.batch).map(list).collect()
}

fn scopes(decoded: &Decoded) -> Vec<String> {
    let list = |point: super::PointItem<'_>| {
        let dictionary = point.dictionary;
        let scope = dictionary.scope(point.origin());
        let pairs = dictionary.attributes(scope.attributes);
        let pairs = pairs.map(|(name, value)| format!("{name}={}", plain(value))).collect::<Vec<_>>().join(",");
        let [name, version, schema] =
            [scope.name, scope.version, scope.schema_url].map(|id| dictionary.text(id).to_owned());
        format!("{} {name}|{version}|{schema}|{pairs}", point.name())
    };
    points(&decoded.batch).map(list).collect()
}

#[test]
fn the_resource_is_the_target() {
    for (instance, rest) in [
        ("10.0.0.1:9100", "server.address=10.0.0.1 url.scheme=http server.port=9100i"),
        ("[::1]:9100", "server.address=::1 url.scheme=http server.port=9100i"),
        ("node-1", "server.address=node-1 url.scheme=http"),
    ] {
        let target = Target { instance: instance.into(), ..target() };
        let decoded = Scraper::new(target).read(b"a 1", Dialect::Text, NOW, &Limits::default());
        assert_eq!(resources(&decoded), [format!("service.name=shop service.instance.id={instance} {rest}")]);
        let resource = decoded.batch.dictionary.resources[0];
        assert_eq!(decoded.batch.dictionary.text(resource.service), "shop");
    }
}

#[test]
fn target_info_becomes_resource_attributes() {
    for (kind, text) in [
        ("info", "# TYPE target info\na 1\ntarget_info{region=\"eu\",\"service.name\"=\"till\"} 1\nb 2\n# EOF"),
        (
            "gauge",
            "a 1\n# TYPE target_info gauge\ntarget_info{region=\"eu\"} 1\ntarget_info{\"service.name\"=\"till\",region=\"us\"} 1\nb 2\n",
        ),
    ] {
        let decoded = read(Dialect::Text, text);
        let all = "service.instance.id=10.0.0.1:9100 server.address=10.0.0.1 url.scheme=http server.port=9100i \
                   region=eu service.name=till";
        assert_eq!(resources(&decoded), [all, all], "{kind}");
        assert_eq!((decoded.rejected.count, decoded.batch.dictionary.resources.len()), (0, 1), "{kind}");
    }
}

#[test]
fn scope_labels_become_scopes() {
    let text = "a{otel_scope_name=\"n\",otel_scope_version=\"1\",otel_scope_schema_url=\"u\",otel_scope_k=\"v\",x=\"1\"} 1\n\
                b{otel_scope_version=\"1\",otel_scope_name=\"n\",otel_scope_k=\"v\",otel_scope_schema_url=\"u\"} 2\n\
                c{otel_scope_name=\"m\"} 3\nd 4\n";
    let decoded = read(Dialect::Text, text);
    let own = format!("d otail|{}||", env!("CARGO_PKG_VERSION"));
    assert_eq!(scopes(&decoded), ["a n|1|u|k=v", "b n|1|u|k=v", "c m|||", &own[..]]);
    assert_eq!(decoded.batch.dictionary.scopes.len(), 3, "each once");
    assert_eq!(good_text(text), ["gauge a{x=1} 1", "gauge b 2", "gauge c 3", "gauge d 4"]);
}

#[test]
fn scopes_that_differ_keep_their_series_apart() {
    let text = "# TYPE h histogram\nh_count{otel_scope_name=\"n\"} 1\nh_count{otel_scope_name=\"m\"} 2\nh_sum{otel_scope_name=\"n\"} 3\n";
    assert_eq!(
        good_text(text),
        ["histogram h count=1 sum=3 bounds=[] counts=[]", "histogram h count=2 bounds=[] counts=[]"]
    );
}

#[test]
fn otel_scope_info_becomes_scope_attributes() {
    let text = "a{otel_scope_name=\"n\",otel_scope_version=\"1\"} 1\nb{otel_scope_name=\"n\",otel_scope_version=\"2\"} 1\n\
                # TYPE otel_scope info\notel_scope_info{otel_scope_name=\"n\",otel_scope_version=\"1\",mascot=\"bear\"} 1\n# EOF";
    assert_eq!(scopes(&read(Dialect::OpenMetrics, text)), ["a n|1||mascot=bear", "b n|2||"]);
}

#[test]
fn too_many_resource_labels_are_rejected_quickly() {
    let labels: String = (0..80_000).map(|n| format!("l{n}=\"v\",")).collect();
    for name in ["target_info", "otel_scope_info"] {
        let decoded = read(Dialect::Text, &format!("{name}{{{labels}}} 1\na 1"));
        assert_eq!((decoded.batch.len(), decoded.rejected.count), (1, 1));
    }
}
