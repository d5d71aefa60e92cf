import { AttributeIds, MessageSecurityMode, OPCUAClient, SecurityPolicy } from 'node-opcua'

/** Server_ServerDiagnostics_SubscriptionDiagnosticsArray (OPC 10000-5, 6.3.3). */
const SUBSCRIPTION_DIAGNOSTICS = 'i=2290'

/** How many changes of values a server has sent to those who have subscribed, as it says itself. */
export async function countNotifications(port: number): Promise<number> {
  const client = OPCUAClient.create({
    endpointMustExist: false,
    securityMode: MessageSecurityMode.None,
    securityPolicy: SecurityPolicy.None,
  })
  await client.connect(`opc.tcp://127.0.0.1:${port}`)
  const session = await client.createSession()
  const { value } = await session.read({ nodeId: SUBSCRIPTION_DIAGNOSTICS, attributeId: AttributeIds.Value })
  await session.close()
  await client.disconnect()
  const subscriptions: { dataChangeNotificationsCount: number }[] = value.value
  return subscriptions.reduce(
    (sum, { dataChangeNotificationsCount }) => sum + dataChangeNotificationsCount,
    0,
  )
}
