"""Addresses that mean this machine or its network, however they are dressed up. Needs no Django."""

# Names that mean somebody in here; hosts that are an IP address; and hosts that are no domain.
NAMES = """
localhost.localdomain a.localhost printer.local db.internal wiki.corp nas.lan box.home metadata.google.internal
instance-data.ec2.internal 1.0.0.127.in-addr.arpa a.test a.invalid
""".split()
NUMBERS = """
127.0.0.1 127.1 127.0.1 127.255.255.254 0 0.0.0.0 1 2130706433 017700000001 0x7f000001 0x7f.0.0.1 0177.0.0.1 127.0.0.1.
10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 192.0.0.192 198.18.0.1
224.0.0.1 255.255.255.255
0xa9fea9fe 2852039166 0251.0376.0251.0376 169.254.43518
[::1] [::] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::] [fe80::1] [fe80::1%25eth0]
[64:ff9b:1::7f00:1] [64:ff9b:1::808:808] [64:ff9b:1:7f00:0:100:808:808]
[fc00::1] [fd00:ec2::254] [ff02::1] [2001:db8::1] [0:0:0:0:0:0:0:1]
１２７.０.０.１ 127。0。0。1 ①②⑦.⓪.⓪.①
""".split()
WORDS = "localhost LOCALHOST localhost. intranet [::1 ⓛⓞⓒⓐⓛⓗⓞⓢⓣ".split()

# What is wrong with the rest of an address; {} stands for a name that is public.
SHAPES = """
http://{}/ HTTP://{}/ ftp://{}/ file:///etc/passwd gopher://{}/ dict://{}:11211/ ws://{}/ //{}/ {}/
javascript:alert(1) data:,x
https:// https:/// https://? https://# https://@ https://:443/ https://./ https://../ https://{}:80/ https://{}:8443/
https://{}:0/ https://{}:65536/ https://{}:x/ https://u@{}/ https://u:p@{}/ https://{}@127.0.0.1/ https://127.0.0.1\\@{}/
https://{}\\@127.0.0.1/ https://{}%00.127.0.0.1/
https://{}%2f@127.0.0.1/ https:{}
https:///{}/ https://{}..127.0.0.1/ https://[{}]/ https://-{}/ https://{}-/ https://*.{}/ https://a_b/
""".split()


def hostile_addresses(public):
    """{address: what is wrong with it} of all of them, around a `public` name: more than 120.

    "name": that means somebody in here; "number": it is an IP address; "shape": it is no HTTPS address with a domain.
    """
    told = {}
    for hosts, wrong in ((NAMES, "name"), (NUMBERS, "number"), (WORDS, "shape")):
        told |= {f"https://{host}/hook": wrong for host in hosts}
        told |= {f"https://{host}:443/": wrong for host in hosts[:10]}
    told |= {f"https://127.0.0.1{between}@{public}/": "number" for between in "#?"}
    told |= {shape.replace("{}", public): "shape" for shape in SHAPES}
    odd = [f"https://{public}/a b", f"https://{public}/\r\nHost: a", f"https://{public}/\x00", "https://" + "a" * 3000]
    return told | dict.fromkeys(odd, "shape")
