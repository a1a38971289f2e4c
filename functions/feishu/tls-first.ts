// From the moment that TLS is loaded, Node reads the root certificates in a thread of its own: they are
// there when all else is. Whoever imports this does so before anything that takes long. (undici would
// load TLS with its first connection, which then has to wait; an import for nothing is bundled away.)
process.getBuiltinModule('node:tls');
