import Net
import Testing

@testable import Config

/// One slip of the pen in a good file, and what is printed first about it.
private struct Mistake: CustomTestStringConvertible {
    var testDescription: String
    /// In place of a line of the good text; nil: at its end.
    var line: String?
    var text: String
    var printed: String
}

private let goodText = """
    vrrp_instance VI_1 {
        state BACKUP
        interface eth0
        virtual_router_id 51
        priority 100
        virtual_ipaddress {
            192.0.2.100/24
        }
    }

    """

private let mistakes = [
    Mistake(
        testDescription: "auth_pass over 8 characters", line: "    priority 100",
        text: "    authentication {\n        auth_type PASS\n        auth_pass 123456789\n    }",
        printed: """
            test.conf:7:19: error: only the first 8 bytes of auth_pass are used [long-password]
              hint: shorten it to 8 bytes on all routers: the rest protects nothing

            """),
    Mistake(
        testDescription: "an unknown keyword", line: "    priority 100", text: "    prioritty 150",
        printed: """
            test.conf:5:5: error: unknown keyword prioritty [unknown-keyword]
                  prioritty 150
                  ^
              hint: did you mean priority?

            """),
    Mistake(
        testDescription: "a missing brace", line: "        192.0.2.100/24\n    }",
        text: "        192.0.2.100/24",
        printed: """
            test.conf:1:20: error: the block vrrp_instance VI_1 has no closing } [missing-brace]
              vrrp_instance VI_1 {
                                 ^
              hint: write } before line 8: virtual_ipaddress of line 6 seems to end there

            """),
    Mistake(
        testDescription: "the last brace of an instance missing", line: "    }\n}",
        text: "    }",
        printed: """
            test.conf:1:20: error: the block vrrp_instance VI_1 has no closing } [missing-brace]
              vrrp_instance VI_1 {
                                 ^
              hint: write } after the last line of vrrp_instance VI_1, or of a block in it

            """),
    Mistake(
        testDescription: "a # in a password", line: "    priority 100",
        text: "    authentication {\n        auth_type PASS\n        auth_pass pa#ss\n    }",
        printed: """
            test.conf:7:9: warning: auth_pass: # begins a comment and ends the password \
            [cut-password]
              hint: write \\#, or the password in quotation marks

            """),
    Mistake(
        testDescription: "a password that begins with !", line: "    priority 100",
        text: "    authentication {\n        auth_type PASS\n        auth_pass !secret\n    }",
        printed: """
            test.conf:6:19: error: auth_type without auth_pass is ignored [no-password]
                      auth_type PASS
                                ^
              hint: write auth_pass too: in quotation marks if it has a # or !

            """),
    Mistake(
        testDescription: "a stray brace", line: nil, text: "}",
        printed: """
            test.conf:10:1: error: this } closes nothing [extra-brace]
              }
              ^
              hint: remove it, or write the { that it belongs to

            """),
    Mistake(
        testDescription: "a keyword without its value", line: "    priority 100",
        text: "    priority",
        printed: """
            test.conf:5:5: error: priority needs a value: the line is ignored [missing-value]
                  priority
                  ^
              hint: write the value behind priority, or remove the line

            """),
    Mistake(
        testDescription: "a virtual address that is none", line: "        192.0.2.100/24",
        text: "        192.0.2.300/24",
        printed: """
            test.conf:7:9: error: 192.0.2.300/24 is no address: the line is ignored [bad-address]
                      192.0.2.300/24
                      ^
              hint: an address looks like 192.0.2.10/24 or 2001:db8::10/64

            """),
    Mistake(
        testDescription: "a placeholder", line: "        192.0.2.100/24", text: "        <VIP>/24",
        printed: """
            test.conf:7:9: error: <VIP>/24 is no address: the line is ignored [bad-address]
                      <VIP>/24
                      ^
              hint: this looks like a placeholder: fill in the real value

            """),
    Mistake(
        testDescription: "nopreempt with state MASTER", line: "    state BACKUP",
        text: "    state MASTER\n    nopreempt",
        printed: """
            test.conf:3:5: warning: nopreempt has no effect with state MASTER [nopreempt-master]
                  nopreempt
                  ^
              hint: write state BACKUP on both routers

            """),
    Mistake(
        testDescription: "the instance's own interface, tracked", line: "    priority 100",
        text: "    track_interface {\n        eth0\n    }",
        printed: """
            test.conf:6:9: warning: eth0 is the instance's own interface: it is tracked anyway \
            [own-interface]
                      eth0
                      ^
              hint: remove this line

            """),
    Mistake(
        testDescription: "an unknown member of a sync group", line: nil,
        text: "vrrp_sync_group G {\n    group {\n        VI_3\n    }\n}",
        printed: """
            test.conf:10:17: error: the group has no member that exists: it is left out \
            [empty-group]
              vrrp_sync_group G {
                              ^
              hint: write the names of vrrp_instance blocks into its group block

            """),
    Mistake(
        testDescription: "a sync group of one", line: nil,
        text: "vrrp_sync_group G {\n    group {\n        VI_1\n    }\n}",
        printed: """
            test.conf:10:17: error: the group G has only one member [single-member]
              vrrp_sync_group G {
                              ^
              hint: name the other instances in its group block, or remove the group

            """),
    Mistake(
        testDescription: "a script that is not defined", line: "    priority 100",
        text: "    track_script {\n        chk_nginx\n    }",
        printed: """
            test.conf:6:9: error: nothing called chk_nginx is defined [unknown-object]
                      chk_nginx
                      ^
              hint: write a block vrrp_script chk_nginx, or remove this line

            """),
    Mistake(
        testDescription: "the same instance twice", line: nil,
        text: goodText,
        printed: """
            test.conf:10:15: error: vrrp_instance VI_1 exists already: this one is ignored \
            [duplicate-name]
              vrrp_instance VI_1 {
                            ^
              hint: give each block a name of its own

            """),
    Mistake(
        testDescription: "SLAVE as a state", line: "    state BACKUP", text: "    state SLAVE",
        printed: """
            test.conf:2:11: error: unknown state SLAVE: BACKUP is used [bad-state]
                  state SLAVE
                        ^
              hint: write MASTER or BACKUP

            """),
    Mistake(
        testDescription: "a comment with slashes", line: "    priority 100",
        text: "    priority 100 // high",
        printed: """
            test.conf:5:18: warning: // after priority is ignored [surplus-word]
                  priority 100 // high
                               ^
              hint: comments start with # or !

            """),
    Mistake(
        testDescription: "a line of slashes", line: "    priority 100", text: "    // high",
        printed: """
            test.conf:5:5: error: unknown keyword // [unknown-keyword]
                  // high
                  ^
              hint: comments start with # or !

            """),
    Mistake(
        testDescription: "a semicolon after a number", line: "    priority 100",
        text: "    priority 100;",
        printed: """
            test.conf:5:14: error: the ; after 100 is ignored [semicolon]
                  priority 100;
                           ^
              hint: no semicolon ends a line here: remove it

            """),
    Mistake(
        testDescription: "a semicolon after seconds", line: "    priority 100",
        text: "    advert_int 1;",
        printed: """
            test.conf:5:16: error: advert_int 1; is no number of seconds from 0.01 to 255 \
            [bad-number]
                  advert_int 1;
                             ^
              hint: no semicolon ends a line here: remove it

            """),
    Mistake(
        testDescription: "a semicolon after an address", line: "        192.0.2.100/24",
        text: "        192.0.2.100/24;",
        printed: """
            test.conf:7:9: error: 24; is no prefix length: /32 is used [bad-prefix-length]
                      192.0.2.100/24;
                      ^
              hint: no semicolon ends a line here: remove it

            """),
    Mistake(
        testDescription: "a semicolon after a word", line: "    state BACKUP",
        text: "    state BACKUP;",
        printed: """
            test.conf:2:11: error: unknown state BACKUP;: BACKUP is used [bad-state]
                  state BACKUP;
                        ^
              hint: no semicolon ends a line here: remove it

            """),
]

private func firstPrinted(_ text: String) -> String {
    let result = parse(
        SourceFile(path: "test.conf", text: [UInt8](text.utf8)), options: ParseOptions()
    ) { _, _ in [] }
    guard let first = result.diagnostics.first else { return "" }
    return String(decoding: render(first, result.files), as: UTF8.self)
}

/// The good text with one line replaced.
private func spoiled(_ mistake: Mistake) -> String {
    guard let line = mistake.line else { return goodText + mistake.text }
    let parts = goodText.split(
        separator: line + "\n", maxSplits: 1, omittingEmptySubsequences: false)
    #expect(parts.count == 2, "\(line) stands in the good text")
    return parts.joined(separator: mistake.text + "\n")
}

@Suite struct MistakeTests {
    @Test func theGoodTextHasNone() {
        #expect(firstPrinted(goodText) == "")
    }

    @Test(arguments: mistakes)
    private func aMistakeIsNamedWithItsRemedy(_ mistake: Mistake) {
        #expect(firstPrinted(spoiled(mistake)) == mistake.printed)
    }

    @Test func namesAreSoughtWhateverTheirCase() {
        #expect(nearest("VI_2", among: ["VI_1", "web"]) == "VI_1")
        #expect(nearest("CHK_nginx", among: ["chk_nginx"]) == "chk_nginx")
        #expect(nearest("database", among: ["chk_nginx"]) == nil)
    }
}
