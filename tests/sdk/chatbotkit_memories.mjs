// Memories with the unmodified @chatbotkit/sdk. Prints what it got as one JSON object; pytest judges it.
// usage: node chatbotkit_memories.mjs <base URL> <API key> <space id>
import { ChatBotKit } from '@chatbotkit/sdk'

const [baseUrl, secret, spaceId] = process.argv.slice(2)
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
  } catch ({ name, code }) {
    return { name, code }
  }
}
// ingestion takes a moment
const search = async (request, wanted) => {
  for (const end = Date.now() + 30000; Date.now() < end; await new Promise((done) => setTimeout(done, 100))) {
    const { items } = await cbk.memory.search(request)
    if (items[0]?.text === wanted) return items
  }
  return 'not found'
}

const contact = await cbk.contact.create({ fingerprint: 'fp-0123456789abcdef', name: 'Jane' })
const one = await cbk.memory.create({
  name: 'Tea ☕',
  text: 'Jane prefers tea to coffee',
  contactId: contact.id,
  botId: 'bot_1',
  meta: { source: 'chat' },
})
const two = await cbk.memory.create({ text: 'The office opens at nine', spaceId })
got.ids = [one.id, two.id]
got.fetched = await cbk.memory.fetch(one.id)
got.found = await search({ search: 'tea or coffee?' }, 'Jane prefers tea to coffee')
got.foundHere = await search({ search: 'office', spaceId }, 'The office opens at nine')
got.updated = await cbk.memory.update(one.id, { text: 'Jane prefers cocoa', meta: { source: null, checked: true } })
got.refetched = await cbk.memory.fetch(one.id)
got.refound = await search({ search: 'cocoa', contactId: contact.id, botId: 'bot_1' }, 'Jane prefers cocoa')
got.list = (await cbk.memory.list({ take: 10 })).items.map((item) => item.text)
got.ofContact = (await cbk.memory.list({ contactId: contact.id, meta: { checked: true } })).items.map((item) => item.id)
got.streamed = (await collect(cbk.memory.list({ take: 1 }).stream())).map(({ type, data }) => [type, data.text])
got.exported = (await cbk.memory.export({ take: 100 })).items.map((item) => item.text)
got.exportStreamed = (await collect(cbk.memory.export({ take: 100 }).stream())).map(({ type, data }) => [type, data.text])
const csv = await cbk.memory.clientFetch('/api/v1/memory/export', { headers: { Accept: 'text/csv' } })
got.csv = new TextDecoder().decode(csv.data)
got.deleted = await cbk.memory.delete(two.id)
got.errors = {
  gone: await failure(() => cbk.memory.fetch(two.id)),
  text: await failure(() => cbk.memory.create({ text: 5 })),
  space: await failure(() => cbk.memory.create({ text: 'x', spaceId: 'space_x' })),
  search: await failure(() => cbk.memory.search({})),
}
console.log(JSON.stringify(got))
