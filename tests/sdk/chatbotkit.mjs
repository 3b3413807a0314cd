// What a program does with the unmodified @chatbotkit/sdk. Prints what it got as one JSON object; pytest judges it.
// usage: node chatbotkit.mjs <base URL> <API key>
import { ChatBotKit } from '@chatbotkit/sdk'

const [baseUrl, secret] = process.argv.slice(2)
const cbk = new ChatBotKit({ secret, baseUrl, retries: 0 })
const got = {}

const collect = async (stream) => {
  const events = []
  for await (const event of stream) events.push(event)
  return events
}
const failure = async (call) => {
  try {
    await call()
    return 'no error'
  } catch ({ name, code, message }) {
    return { name, code, message }
  }
}

// contacts
const contact = await cbk.contact.create({
  name: 'Jane',
  email: 'jane@example.com',
  fingerprint: 'fp-0123456789abcdef',
  verifiedAt: 1735725600000,
  meta: { tier: 'gold' },
})
got.contact = contact
got.ensured = await cbk.contact.ensure({ fingerprint: 'fp-0123456789abcdef', name: 'Other' })
await cbk.contact.update(contact.id, { nick: 'jj', meta: { tier: null, since: 2024 } })
got.contactFetched = await cbk.contact.fetch(contact.id)
got.contactList = await cbk.contact.list({ take: 5, meta: { since: 2024 } })

// spaces
got.created = await cbk.space.create({
  name: 'Größe 日本 😀',
  description: 'd',
  contactId: contact.id,
  meta: { department: 'support', priority: 'high', a: { b: 'x y' }, flag: true },
})
const space = got.created.id
for (const number of [1, 2, 3, 4]) await cbk.space.create({ name: `S${number}`, meta: { number } })
got.updated = await cbk.space.update(space, { name: 'N', meta: { tier: 'premium', priority: null } })
got.fetched = await cbk.space.fetch(space)

// lists
got.list = await cbk.space.list()
got.walked = []
for (let cursor; cursor !== ''; ) {
  const page = await cbk.space.list({ cursor, order: 'asc', take: 2 })
  got.walked.push(page.items.map((item) => item.name))
  cursor = page.cursor
}
got.streamed = await collect(cbk.space.list().stream())
got.filtered = await collect(cbk.space.list({ meta: { department: 'support', 'a.b': 'x y', flag: true } }).stream())
got.byContact = (await cbk.space.list({ contactId: contact.id })).items.map((item) => item.id)
got.ofContact = (await cbk.contact.space.list(contact.id, { take: 10 })).items.map((item) => item.id)

// exports
const csv = await cbk.space.clientFetch('/api/v1/space/export', {
  headers: { Accept: 'text/csv' },
  query: { order: 'asc', take: 100 },
})
got.csv = new TextDecoder().decode(csv.data)
got.jsonl = await collect(cbk.space.clientFetch('/api/v1/space/export').stream())
got.exported = await cbk.contact.clientFetch('/api/v1/contact/export')

// errors
const wrong = new ChatBotKit({ secret: 'sk_wrong', baseUrl, retries: 0 })
got.errors = {
  unknown: await failure(() => cbk.space.fetch('space_abc123')),
  wrongKey: await failure(() => wrong.space.list()),
  noKey: await failure(() => new ChatBotKit({ secret: '', baseUrl, retries: 0 }).space.list()),
  invalid: await failure(() => cbk.contact.create({ fingerprint: 'short' })),
  unknownContact: await failure(() => cbk.space.create({ contactId: 'contact_abc123' })),
  badCursor: await failure(() => cbk.space.list({ cursor: 'x' })),
  notImplemented: await failure(() => cbk.bot.list()),
  beforeStream: await failure(() => collect(wrong.space.list().stream())),
}

// the end
got.deleted = [await cbk.space.delete(space), await cbk.contact.delete(contact.id)]
got.after = {
  space: await failure(() => cbk.space.fetch(space)),
  contact: await failure(() => cbk.contact.fetch(contact.id)),
  left: (await cbk.space.list()).items.length,
}
console.log(JSON.stringify(got))
