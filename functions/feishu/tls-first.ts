// As soon as TLS is loaded, Node 24 reads the root certificates in a thread of its own: they are there when
// all else is. Otherwise TLS would be loaded with the first connection, which then has to wait. (Older versions
// of Node read them with the first connection in any case. An import without a name is bundled away.)
process.getBuiltinModule('node:tls');
