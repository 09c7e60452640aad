import Telehash

/// The telex in a text, or the reason why it is none.
func decoded(_ text: String) -> Result<Telex, TelexError> {
    decoded(Array(text.utf8))
}

func decoded(_ bytes: [UInt8]) -> Result<Telex, TelexError> {
    Result { () throws(TelexError) in try Telex.decode(bytes) }
}

/// Text of the telex with everything in it that a switch reads.
let fullTelex = """
    {"_to":"1.2.3.4:5","_ring":77,"_line":302161620,"_br":1997,"_hop":2,\
    ".see":["127.0.0.1:46101","[2001:db8::1]:42424"],\
    ".tap":[{"is":{"+end":"8bf1cce916417d16b7554135b6b075fb16dd26ce","n":5},"has":["+key","+pop"]},{"has":["+a"]}],\
    "+end":"8bf1cce916417d16b7554135b6b075fb16dd26ce","+message":"gr\\u00fc\\u00dfe \\ud83d\\ude00 \\"x\\"\\n☃",\
    "+guid":17.5,"plain":[1,{"a":null}],"note":"kept"}
    """
