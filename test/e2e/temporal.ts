// What Temporal itself holds of this stack's workflows, as its server stores it: no codec, nothing decoded.
import { Client, Connection } from '@temporalio/client';
import proto from '@temporalio/proto';

import { temporalAddress } from '../setup/parts.ts';
import { NAMESPACE } from './stack.ts';
import type { Stack } from './stack.ts';

const { History } = proto.temporal.api.history.v1;
const { DescribeWorkflowExecutionResponse } = proto.temporal.api.workflowservice.v1;

export type TemporalView = Awaited<ReturnType<typeof openTemporalView>>;

export async function openTemporalView({ taskQueue }: Stack) {
  const connection = await Connection.connect({ address: temporalAddress() });
  const client = new Client({ connection, namespace: NAMESPACE });
  const service = connection.workflowService;

  const eventsOf = async (workflowId: string) => {
    const events = [];
    let nextPageToken: Uint8Array | undefined;
    do {
      const page = await service.getWorkflowExecutionHistory({
        namespace: NAMESPACE,
        execution: { workflowId },
        ...(nextPageToken && { nextPageToken }),
      });
      events.push(...(page.history?.events ?? []));
      nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
    } while (nextPageToken);
    return events;
  };

  return {
    workflow: client.workflow,
    schedule: client.schedule,
    /** Workflows of this stack, as far as the server lists them already. */
    list: async (): Promise<string[]> => {
      const ids = [];
      for await (const { workflowId } of client.workflow.list({ query: `TaskQueue = '${taskQueue}'` }))
        ids.push(workflowId);
      return ids;
    },
    /** A history as it lies on the server, in the protocol's own bytes. */
    rawHistory: async (workflowId: string): Promise<{ events: number; bytes: Buffer }> => {
      const events = await eventsOf(workflowId);
      return { events: events.length, bytes: Buffer.from(History.encode({ events }).finish()) };
    },
    /** Memo, search attributes, summary and details, likewise. */
    rawDescription: async (workflowId: string): Promise<Buffer> => {
      const described = await service.describeWorkflowExecution({ namespace: NAMESPACE, execution: { workflowId } });
      return Buffer.from(DescribeWorkflowExecutionResponse.encode(described).finish());
    },
    close: () => connection.close(),
  };
}
