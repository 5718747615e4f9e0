//! A scrape as a node exporter writes it.

use super::good_text;

const SCRAPE: &str = r#"# HELP go_gc_duration_seconds A summary of the wall-time pause (stop-the-world) duration in garbage collection cycles.
# TYPE go_gc_duration_seconds summary
go_gc_duration_seconds{quantile="0"} 1.7834e-05
go_gc_duration_seconds{quantile="0.25"} 2.9083e-05
go_gc_duration_seconds{quantile="0.5"} 3.5292e-05
go_gc_duration_seconds{quantile="0.75"} 5.0875e-05
go_gc_duration_seconds{quantile="1"} 0.000874459
go_gc_duration_seconds_sum 1.336501842
go_gc_duration_seconds_count 27182
# HELP go_info Information about the Go environment.
# TYPE go_info gauge
go_info{version="go1.23.1"} 1
# HELP go_memstats_alloc_bytes_total Total number of bytes allocated in heap until now, even if released already.
# TYPE go_memstats_alloc_bytes_total counter
go_memstats_alloc_bytes_total 5.8467894128e+10
# HELP node_boot_time_seconds Node boot time, in unixtime.
# TYPE node_boot_time_seconds gauge
node_boot_time_seconds 1.763620123e+09
# HELP node_cpu_seconds_total Seconds the CPUs spent in each mode.
# TYPE node_cpu_seconds_total counter
node_cpu_seconds_total{cpu="0",mode="idle"} 181452.31
node_cpu_seconds_total{cpu="0",mode="iowait"} 96.02
node_cpu_seconds_total{cpu="0",mode="user"} 2031.77
node_cpu_seconds_total{cpu="1",mode="idle"} 181911.4
node_cpu_seconds_total{cpu="1",mode="iowait"} 88.9
node_cpu_seconds_total{cpu="1",mode="user"} 1984.05
# HELP node_filesystem_avail_bytes Filesystem space available to non-root users in bytes.
# TYPE node_filesystem_avail_bytes gauge
node_filesystem_avail_bytes{device="/dev/nvme0n1p2",device_error="",fstype="ext4",mountpoint="/"} 2.14563536896e+11
node_filesystem_avail_bytes{device="C:\\",device_error="",fstype="ntfs",mountpoint="/mnt/c"} 1.048576e+06
# HELP node_hwmon_temp_celsius Hardware monitor for temperature (input)
# TYPE node_hwmon_temp_celsius gauge
node_hwmon_temp_celsius{chip="nvme_nvme0",sensor="temp1"} 38.85
# HELP node_load1 1m load average.
# TYPE node_load1 gauge
node_load1 0.42
# HELP node_network_receive_bytes_total Network device statistic receive_bytes.
# TYPE node_network_receive_bytes_total counter
node_network_receive_bytes_total{device="eth0"} 9.007199254740991e+15
node_network_receive_bytes_total{device="lo"} 0
# HELP node_textfile_mtime_seconds Unixtime mtime of textfiles successfully read.
# TYPE node_textfile_mtime_seconds gauge
# HELP node_time_zone_offset_seconds System time zone offset in seconds.
# TYPE node_time_zone_offset_seconds gauge
node_time_zone_offset_seconds{time_zone="UTC"} 0
# HELP node_vmstat_pgfault /proc/vmstat information field pgfault.
# TYPE node_vmstat_pgfault untyped
node_vmstat_pgfault 1.842905671e+09
# HELP process_max_fds Maximum number of open file descriptors.
# TYPE process_max_fds gauge
process_max_fds 524287
# HELP promhttp_metric_handler_request_duration_seconds How long scrapes took.
# TYPE promhttp_metric_handler_request_duration_seconds histogram
promhttp_metric_handler_request_duration_seconds_bucket{code="200",le="0.005"} 12
promhttp_metric_handler_request_duration_seconds_bucket{code="200",le="0.01"} 240
promhttp_metric_handler_request_duration_seconds_bucket{code="200",le="+Inf"} 255
promhttp_metric_handler_request_duration_seconds_sum{code="200"} 2.0312
promhttp_metric_handler_request_duration_seconds_count{code="200"} 255
"#;

#[test]
fn a_node_exporter_is_read_without_loss() {
    let points = good_text(SCRAPE);
    assert_eq!(points.len(), 20);
    for point in [
        "summary go_gc_duration_seconds count=27182 sum=1.336501842 quantiles=[0.0, 1.7834e-5, 0.25, 2.9083e-5, 0.5, \
         3.5292e-5, 0.75, 5.0875e-5, 1.0, 0.000874459]",
        "gauge go_info{version=go1.23.1} 1",
        "sum+ go_memstats_alloc_bytes_total 58467894128",
        "sum+ node_cpu_seconds_total{cpu=1,mode=user} 1984.05",
        "gauge node_filesystem_avail_bytes{device=C:\\,fstype=ntfs,mountpoint=/mnt/c} 1048576",
        "sum+ node_network_receive_bytes_total{device=eth0} 9007199254740991",
        "gauge node_vmstat_pgfault 1842905671",
        "histogram promhttp_metric_handler_request_duration_seconds{code=200} count=255 sum=2.0312 bounds=[0.005, 0.01] \
         counts=[12, 228, 15]",
    ] {
        assert!(points.iter().any(|other| other == point), "{point} is not among {points:#?}");
    }
}
