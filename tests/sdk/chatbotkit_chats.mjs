// Conversations with the unmodified @chatbotkit/sdk. Prints what it got as one JSON object; pytest judges it.
// usage: node chatbotkit_chats.mjs <base URL> <API key> <space id>
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

// conversations
const contact = await cbk.contact.create({ fingerprint: 'fp-0123456789abcdef', name: 'Jane' })
const conversation = await cbk.conversation.create({
  name: 'Größe 日本 😀',
  spaceId,
  contactId: contact.id,
  model: { name: 'gpt-5', config: { temperature: 0.7 } },
  backstory: 'You are kind.',
  meta: { a: 1 },
  messages: [{ type: 'user', text: 'hi' }],
})
got.loose = await cbk.conversation.create({})
got.updated = await cbk.conversation.update(conversation.id, { description: 'D', meta: { a: null, b: 2 } })
got.fetched = await cbk.conversation.fetch(conversation.id)
got.list = (await cbk.conversation.list()).items.map((item) => item.id)
got.bySpace = (await cbk.conversation.list({ spaceId })).items.map((item) => item.id)
got.streamed = (await collect(cbk.conversation.list({ take: 1 }).stream())).map(({ type, data }) => [type, data.id])
got.ofContact = (await cbk.contact.conversation.list(contact.id)).items.map((item) => item.id)

// messages
const { message } = cbk.conversation
const made = await message.create(conversation.id, { type: 'bot', text: 'Good day', meta: { k: 'v' } })
const gone = await message.create(conversation.id, { type: 'context', text: 'Gone soon' })
got.made = made
got.messageUpdated = await message.update(conversation.id, made.id, { text: 'Guten Tag, größe 😀', meta: { k: null } })
got.messageFetched = await message.fetch(conversation.id, made.id)
got.messageDeleted = await message.delete(conversation.id, gone.id)
got.messages = (await message.list(conversation.id)).items.map(({ type, text }) => [type, text])
got.messagesStreamed = (await collect(message.list(conversation.id, { order: 'desc' }).stream())).map(
  ({ type, data }) => [type, data.text]
)

// votes
got.votes = [
  await message.upvote(conversation.id, made.id, { value: 50, reason: 'ok' }),
  await message.downvote(conversation.id, made.id),
  await cbk.conversation.upvote(conversation.id),
  await cbk.conversation.downvote(conversation.id, { reason: 'bad' }),
]

// answers
got.complete = await cbk.conversation.complete(conversation.id, { text: 'What is covered?' })
got.completeStreamed = await collect(cbk.conversation.complete(conversation.id, { text: 'Größe?' }).stream())
got.sent = await cbk.conversation.send(conversation.id, { text: 'One more thing' })
got.received = await cbk.conversation.receive(conversation.id, {})
got.receivedStreamed = await collect(cbk.conversation.receive(conversation.id, {}).stream())
got.once = await cbk.conversation.complete(null, { messages: [{ type: 'user', text: 'Hello' }] })
got.onceStreamed = await collect(
  cbk.conversation.complete(null, { model: 'gpt-5', messages: [{ type: 'user', text: 'Hello' }] }).stream()
)

// a visitor
const session = await cbk.conversation.session.create(conversation.id, { durationInSeconds: 3600 })
got.session = { id: session.id, lasts: session.expiresAt - Date.now() }
const visitor = new ChatBotKit({ secret: session.token, baseUrl, retries: 0 })
got.visitor = {
  wrote: Boolean((await visitor.conversation.message.create(conversation.id, { type: 'user', text: 'Me again' })).id),
  read: (await visitor.conversation.message.list(conversation.id)).items.at(-1).text,
  answered: (await visitor.conversation.complete(conversation.id, { text: 'Hello?' })).end.reason,
  others: await failure(() => visitor.conversation.fetch(got.loose.id)),
  list: await failure(() => visitor.conversation.list()),
  delete: await failure(() => visitor.conversation.delete(conversation.id)),
}

// errors
got.errors = {
  unknown: await failure(() => cbk.conversation.fetch('conversation_abc123')),
  blank: await failure(() => cbk.conversation.complete(conversation.id, { text: ' ' })),
  beforeStream: await failure(() => collect(cbk.conversation.complete('conversation_x', { text: 'Hi' }).stream())),
  foreignMessage: await failure(() => message.fetch(got.loose.id, made.id)),
  type: await failure(() => message.create(conversation.id, { type: 'robot', text: 'x' })),
  vote: await failure(() => message.upvote(conversation.id, made.id, { value: 101 })),
}

// exports
const csv = await cbk.conversation.clientFetch('/api/v1/conversation/export', { headers: { Accept: 'text/csv' } })
got.csv = new TextDecoder().decode(csv.data)
got.jsonl = await collect(cbk.conversation.clientFetch('/api/v1/conversation/export').stream())

// the end
got.deleted = await cbk.conversation.delete(conversation.id)
got.after = await failure(() => message.list(conversation.id))
got.conversation = conversation
console.log(JSON.stringify(got))
