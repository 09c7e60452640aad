/// The text of a telex with everything in it that a switch reads.
public let fullTelex = """
    {"_to":"1.2.3.4:5","_ring":77,"_line":302161620,"_br":1997,"_hop":2,\
    ".see":["127.0.0.1:46101","[2001:db8::1]:42424"],\
    ".tap":[{"is":{"+end":"8bf1cce916417d16b7554135b6b075fb16dd26ce","n":5},"has":["+key","+pop"]},{"has":["+a"]}],\
    "+end":"8bf1cce916417d16b7554135b6b075fb16dd26ce","+message":"gr\\u00fc\\u00dfe \\ud83d\\ude00 \\"x\\"\\n☃",\
    "+guid":17.5,"plain":[1,{"a":null}],"note":"kept"}
    """
