// Encrypts every payload with the key of the booking whose history it enters.
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import proto from '@temporalio/proto';
import { bookingIdOfWorkflow } from '../../domain/ids.ts';

const { Payload: Wire } = proto.temporal.api.common.v1;
const ENCODING = 'binary/encrypted';
const SYSTEM_KEY = 'system';
/** Where a payload carries its own key, wrapped: a history can be read, and its booking rebuilt, without our database. */
export const HISTORY_KEY = 'history-key';

/** What the codec needs of the keyring in db/. */
export interface PayloadSealer {
  readonly masterKeyId: string;
  seal(keyId: string, plain: Uint8Array, context: string): Promise<Uint8Array>;
  unseal(keyId: string, sealed: Uint8Array, context: string): Promise<Uint8Array>;
  /** The key of that history, wrapped, to go with what it seals. */
  readonly escrowOf?: (keyId: string) => Promise<Uint8Array>;
}

export class WrongKey extends Error {
  override readonly name = 'WrongKey';
}

export function createCodec(sealer: PayloadSealer, namespace: string): PayloadCodec {
  const boundTo = (keyId: string): string => `${namespace}/${keyId}`;

  const encode = async (payload: Payload, keyId: string): Promise<Payload> => {
    const plain = Wire.encode(payload).finish();
    const escrow = await sealer.escrowOf?.(keyId);
    return {
      metadata: {
        encoding: Buffer.from(ENCODING),
        'key-id': Buffer.from(keyId),
        'master-key-id': Buffer.from(sealer.masterKeyId),
        ...(escrow && { [HISTORY_KEY]: escrow }),
      },
      data: await sealer.seal(keyId, plain, boundTo(keyId)),
    };
  };

  const decode = async (payload: Payload, context: SerializationContext | undefined): Promise<Payload> => {
    // Operators' requests from the Temporal Web UI arrive in clear: enums and ids, nothing personal.
    if (text(payload.metadata?.['encoding']) !== ENCODING || !payload.data) return payload;
    const keyId = text(payload.metadata?.['key-id']);
    if (context?.workflowId && keyId !== keyIdOf(context))
      throw new WrongKey(`a payload of ${keyId} stands in the history of ${context.workflowId}`);
    return Wire.decode(await sealer.unseal(keyId, payload.data, boundTo(keyId)));
  };

  return {
    encode: (payloads, context) => Promise.all(payloads.map((payload) => encode(payload, keyIdOf(context)))),
    decode: (payloads, context) => Promise.all(payloads.map((payload) => decode(payload, context))),
  };
}

function keyIdOf(context: SerializationContext | undefined): string {
  return (context?.workflowId && bookingIdOfWorkflow(context.workflowId)) || SYSTEM_KEY;
}

const text = (bytes: Uint8Array | null | undefined): string => (bytes ? Buffer.from(bytes).toString() : '');
