// A whole AT Protocol network in one process, on loopback: node atproto.mjs PLC_PORT PDS_PORT APPVIEW_PORT
import net from 'node:net'

// The servers know no setting for the address to listen on; nothing of a test may be reached from outside.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (first, ...rest) {
  if (typeof first === 'object' && first !== null && 'port' in first) return listen.call(this, { ...first, host: '127.0.0.1' }, ...rest)
  if (typeof first === 'number') return listen.call(this, { port: first, host: '127.0.0.1' }, rest.find((each) => typeof each === 'function'))
  return listen.call(this, first, ...rest)
}

const { TestNetwork } = await import('@atproto/dev-env')
const [plc, pds, bsky] = process.argv.slice(2).map((port) => ({ port: Number(port) }))
const network = await TestNetwork.create({ dbPostgresSchema: 'people', plc, pds, bsky })
console.log('READY')
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0))
